from __future__ import annotations

import pytest

from docqa.domain.routing import Boundaries, Load, Offer, choose_route
from docqa.models.inference import JobLimits, Route

HOUR, DAY = 3600.0, 24 * 3600.0
BOUNDARIES = Boundaries(realtime_records=1_000, batch_records=20_000, batch_waiting=100)
ASYNCHRONOUS = Offer(Route.ASYNCHRONOUS, JobLimits(1, 50_000, HOUR), usd_to_start=0.1)
BATCH = Offer(Route.BATCH, JobLimits(100, 50_000, DAY), usd_to_start=0.05)
BOTH = (ASYNCHRONOUS, BATCH)


def route(records: int, waiting: int = 0, within: float = DAY, offers: tuple[Offer, ...] = BOTH) -> Route:
    return choose_route(Load(records, waiting, within), BOUNDARIES, offers).route


@pytest.mark.parametrize(
    ("records", "waiting", "expected"),
    [
        (1, 0, Route.REALTIME),
        (1_000, 99, Route.REALTIME),
        (1_001, 0, Route.ASYNCHRONOUS),
        (19_999, 99, Route.ASYNCHRONOUS),
        (20_000, 0, Route.BATCH),
        (1, 100, Route.BATCH),
        (1_000, 5_000, Route.BATCH),
    ],
)
def test_size_and_backlog_decide_exactly_at_their_boundaries(records: int, waiting: int, expected: Route) -> None:
    """Promise 31: the routing by size has boundary tests."""
    assert route(records, waiting) is expected


def test_a_route_that_may_end_too_late_is_not_taken() -> None:
    """Promise 31: the routing by size, time and price."""
    assert route(30_000, within=DAY) is Route.BATCH
    assert route(30_000, within=DAY - 1) is Route.ASYNCHRONOUS
    assert route(30_000, within=HOUR - 1) is Route.REALTIME
    assert route(5, waiting=500, within=HOUR) is Route.REALTIME


def test_of_two_that_suit_the_cheaper_one_is_taken_for_this_very_load() -> None:
    """Promise 31: the routing by size, time and price."""
    by_token = Offer(Route.BATCH, JobLimits(100, 50_000, DAY), usd_per_million_records=10.0)
    waking = Offer(Route.ASYNCHRONOUS, JobLimits(1, 50_000, HOUR), usd_to_start=0.25)
    assert route(24_999, offers=(waking, by_token)) is Route.BATCH  # 0.24999 USD
    assert route(25_001, offers=(waking, by_token)) is Route.ASYNCHRONOUS


def test_of_two_equally_cheap_ones_the_quicker_one_is_taken() -> None:
    """Promise 31: the routing by size, time and price."""
    same = tuple(Offer(one.route, one.limits) for one in BOTH)
    assert route(30_000, offers=same) is Route.ASYNCHRONOUS


def test_a_load_that_no_job_takes_as_a_whole_goes_in_real_time() -> None:
    """Promise 31: a job that is too large would be refused, and its records embedded in real time hours later."""
    assert route(50_000) is Route.BATCH
    assert route(50_001) is Route.REALTIME
    larger = Offer(Route.ASYNCHRONOUS, JobLimits(1, 60_000, HOUR), usd_to_start=0.1)
    assert route(50_001, offers=(larger, BATCH)) is Route.ASYNCHRONOUS


def test_a_batch_needs_as_many_records_as_the_service_takes_at_least() -> None:
    """Promise 31: Bedrock refuses a batch of fewer than its least number."""
    demanding = Offer(Route.BATCH, JobLimits(25_000, 50_000, DAY))
    assert route(20_000, offers=(demanding,)) is Route.REALTIME
    assert route(25_000, offers=(demanding,)) is Route.BATCH


def test_without_other_routes_everything_goes_at_once() -> None:
    assert route(1_000_000, 10_000, offers=()) is Route.REALTIME


@pytest.mark.parametrize(
    ("load", "said"),
    [
        (Load(1, 0, DAY), "1 passage: at most 1,000 go at once"),
        (Load(2_000, 0, DAY), "2,000 passages: at most 1,000 go at once"),
        (Load(20_000, 0, DAY), "20,000 passages: from 20,000 on it is a batch"),
        (Load(7, 120, DAY), "120 documents wait behind it: from 100 on they go together"),
        (Load(2_000, 0, 60.0), "2,000 passages: no other route suits so many and ends within 0.0166667 h"),
    ],
)
def test_the_reason_is_said_in_words(load: Load, said: str) -> None:
    assert choose_route(load, BOUNDARIES, BOTH).reason == said
