"""The quotas of the burst are such that it meets them."""

from __future__ import annotations

import pytest

from benchmarks.ingest.bench import Choices
from benchmarks.ingest.burst import QUOTA, SMALL_QUOTA, Quota
from docqa.domain.fair_share import kept_places


@pytest.mark.parametrize(("quota", "places"), [(QUOTA, Choices().capacity), (SMALL_QUOTA, Choices.small().capacity)])
def test_one_tenant_s_places_are_enough_to_meet_both_quotas(quota: Quota, places: int) -> None:
    """Promise 34a: otherwise the burst would show nothing."""
    assert places - kept_places(places) > max(quota.jobs_at_once, quota.starts_together)
    assert quota.starts_together > quota.starts_per_second
    assert quota.starts_per_second * quota.job_seconds > quota.jobs_at_once
