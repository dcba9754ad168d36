from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.backoff import ONCE, Backoff
from docqa.domain.budgets import QUOTING_SHARE, Standing, day_of, days_before, seconds_of_day_left

MOMENTS = st.floats(0, 4e9, allow_nan=False)


@given(MOMENTS)
def test_the_next_day_begins_when_the_seconds_of_this_one_are_over(now: float) -> None:
    """Promise 55: who is told to come back at midnight finds a new day."""
    left = seconds_of_day_left(now)

    assert 1 <= left <= 86_400
    assert day_of(now + left) > day_of(now)
    assert left == 1 or day_of(now + left - 1) == day_of(now)


def test_days_are_those_of_utc_and_of_the_calendar() -> None:
    assert day_of(1_795_867_200.0) == "2026-11-28"
    assert days_before("2026-03-01", 1) == "2026-02-28"
    assert days_before("2026-01-01", 0) == "2026-01-01"


@given(st.none() | st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_tenant_is_closed_only_when_its_budget_is_used_up(limit: float | None, spent: float, quoting: float) -> None:
    """Promise 55: first nothing is generated, then nothing is embedded."""
    standing = Standing(limit, spent, quoting)

    assert standing.used_up is (limit is not None and spent >= limit)
    assert not standing.closed or standing.used_up
    assert (standing.sentence is None) is not standing.used_up
    if limit is not None and standing.used_up:
        assert standing.closed is (quoting >= QUOTING_SHARE * limit)
        assert standing.left == 0


@given(st.integers(1, 12), st.floats(0.1, 5), st.floats(0.1, 60), st.floats(0, 1))
def test_pauses_are_within_bounds_that_double(attempts: int, first: float, longest: float, chance: float) -> None:
    """Promise 30: full jitter, with a cap."""
    backoff = Backoff(attempts, first, longest)
    pauses = [backoff.pause(attempt, chance) for attempt in range(1, attempts)]

    assert all(0 <= pause <= min(first * 2**n, longest) for n, pause in enumerate(pauses))
    assert sum(pauses) <= backoff.total + 1e-9
    assert ONCE.total == 0
