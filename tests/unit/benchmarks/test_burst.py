"""A server that hangs for a while, as Textract does at the beginning of a burst."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from benchmarks.ingest.bench import Choices
from benchmarks.ingest.burst import QUOTA, SMALL_QUOTA, Quota, hanging
from docqa.bootstrap.clients import WORK
from docqa.domain.fair_share import kept_places


@pytest.fixture
def server() -> Iterator[psutil.Process]:
    with subprocess.Popen([sys.executable, "-S", "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as child:
        yield psutil.Process(child.pid)
        child.kill()


def stands_still(process: psutil.Process) -> bool:
    return process.status() == psutil.STATUS_STOPPED


def wait_for(look: Callable[[], bool]) -> None:
    """A signal is there at once and does its work when the process has its turn."""
    limit = time.monotonic() + 10.0
    while not look():
        assert time.monotonic() < limit
        time.sleep(0.001)


def test_it_hangs_as_long_as_it_is_told_and_no_longer(server: psutil.Process) -> None:
    began = time.monotonic()
    with hanging(server, 1.0):
        wait_for(lambda: stands_still(server))
        wait_for(lambda: not stands_still(server))
        assert time.monotonic() - began >= 1.0


def test_it_does_not_stay_so_when_something_else_ends_the_load(server: psutil.Process) -> None:
    with pytest.raises(KeyboardInterrupt), hanging(server, 60.0):
        raise KeyboardInterrupt

    wait_for(lambda: not stands_still(server))


def test_nothing_hangs_where_nothing_is_said(server: psutil.Process) -> None:
    with hanging(server, 0.0):
        assert not stands_still(server)


@pytest.mark.parametrize(("quota", "places"), [(QUOTA, Choices().capacity), (SMALL_QUOTA, Choices.small().capacity)])
def test_one_tenant_s_places_are_enough_to_meet_both_quotas(quota: Quota, places: int) -> None:
    """Promise 34a: otherwise the burst would show nothing."""
    assert places - kept_places(places) > max(quota.jobs_at_once, quota.starts_per_second)
    assert quota.starts_per_second * quota.job_seconds > quota.jobs_at_once
    assert quota.hangs_seconds < WORK.read
