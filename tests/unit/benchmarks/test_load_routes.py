"""What a load costs on each route, reckoned by hand."""

import json

import pytest

from benchmarks.load import assumed, boundaries, defaults
from benchmarks.load import route_costs as costs
from benchmarks.load.crossover import pieces_awake
from benchmarks.load.published import PUBLISHED
from benchmarks.load.route_costs import Estimate, Line, Requests, Work
from docqa.domain.pricing import instance_hours_usd, tokens_usd

NOTHING = Requests(Line(0, 0), Line(0, 0))
WORK = Work(
    name="embedding",
    record="passage",
    seconds=0.05,
    input_tokens=200,
    output_tokens=0,
    model="amazon.titan-embed-text-v2:0",
    waiting_gigabytes=0.0,
    tokens_a_second=5_000,
    gather_seconds=600,
    requests=dict.fromkeys(("asynchronous", "transform", "bedrock batch"), NOTHING),
)
TRANSITIONS = 4 * 0.025 / 1_000
HOURLY = instance_hours_usd(str(assumed.assumptions()["instance_type"]), 1)


def test_an_instance_is_paid_while_it_starts_works_and_waits_to_be_stopped() -> None:
    start, idle, alarm = (assumed.seconds(name) for name in ("start", "idle", "alarm"))

    woken, job = costs.asynchronous(WORK, 1_000), costs.transform(WORK, 1_000)

    assert woken.usd == pytest.approx(HOURLY * (start + 50 + idle) / 3600 + TRANSITIONS)
    assert woken.seconds == alarm + start + 50
    assert job.usd == pytest.approx(HOURLY * (start + 50) / 3600 + TRANSITIONS)
    assert job.seconds == 600 + start + 50


def test_real_time_carries_the_hours_in_which_the_endpoint_waits_unless_others_pay_for_it() -> None:
    shared = costs.realtime(WORK, 1_000, 0.25)

    assert (shared.usd, shared.seconds) == (pytest.approx(HOURLY * 200 / 3600), 50)
    assert costs.realtime(WORK, 1_000, None) == Estimate(0, 50)


def test_bedrock_is_paid_by_the_token_and_a_batch_costs_half() -> None:
    at_once, batch = costs.bedrock(WORK, 1_000), costs.bedrock_batch(WORK, 1_000)

    assert (at_once.usd, at_once.seconds) == (pytest.approx(tokens_usd(WORK.model, 200_000)), 40)
    assert batch.usd == pytest.approx(at_once.usd / 2 + TRANSITIONS)
    assert batch.seconds > 24 * 3600


def test_the_first_cheaper_load_is_where_the_costs_cross() -> None:
    def line(fixed: float, each: float):  # type: ignore[no-untyped-def]
        return lambda records: Estimate(fixed + each * records, 0)

    assert costs.first_cheaper(line(0, 2), line(100, 1)) == 101
    assert costs.first_cheaper(line(0, 1), line(100, 2)) is None
    assert costs.first_cheaper(line(5, 1), line(0, 1)) == 1


def test_where_real_time_ends_follows_from_the_utilisation() -> None:
    """W seconds of work cost W / u in real time and W + start as a job: W = start * u / (1 - u)."""
    measured = boundaries.realtime_records(WORK)

    for records, share in ((measured.least, 0.1), (measured.value, 0.3), (measured.most, 0.5)):
        expected = assumed.seconds("start") * share / (1 - share) / WORK.seconds
        assert records == pytest.approx(expected, rel=0.02)


def test_a_minute_of_the_quota_is_what_people_may_miss() -> None:
    assert boundaries.within_quota(WORK).value == 60 * 5_000 / 200


def test_a_batch_that_gathers_nobody_begins_where_real_time_ends() -> None:
    alone = Work(**{**{name: getattr(WORK, name) for name in WORK.__dataclass_fields__}, "gather_seconds": 0})

    assert boundaries.batch_records(alone).value == boundaries.realtime_records(alone).value
    assert boundaries.batch_records(WORK).value == (480 / 0.5 - 360) / WORK.seconds


def test_a_default_outside_of_what_is_reasonable_does_not_fit() -> None:
    fits = {(one["parameter"], one["model_on"]): one["fits"] for one in boundaries.judged(WORK)}
    slow = Work(**{**{name: getattr(WORK, name) for name in WORK.__dataclass_fields__}, "seconds": 5.0})

    assert fits["RealtimePassages", "own endpoint"]
    assert not any(one["fits"] for one in boundaries.judged(slow) if one["model_on"] == "own endpoint")


def test_what_holds_by_default_is_what_the_published_figures_say() -> None:
    published = json.loads(PUBLISHED.read_text("utf-8"))["crossover"]["boundaries"]

    judged = {(one["parameter"], one["model_on"]) for one in published}
    assert judged >= {(f"Realtime{of}", on) for of in ("Passages", "Prompts") for on in ("Bedrock", "own endpoint")}
    for one in published:
        default = defaults.boundary(one["parameter"], one["model_on"])
        assert default == one["default"], one
        assert one["least"] <= default <= one["most"], one
        assert one["fits"], one


def test_a_waking_is_shared_by_pieces_that_come_while_it_lasts() -> None:
    start, idle = assumed.seconds("start"), assumed.seconds("idle")

    assert (pieces_awake() - 1) * start <= start + idle < pieces_awake() * start


def test_every_assumption_says_why() -> None:
    assert len(assumed.lines()) == len(assumed.assumptions()["seconds"]) + 3
    assert all(line.endswith(".") for line in assumed.lines())
