"""Throttles, the paper, targets and pages of heavy loads."""

import datetime as dt
import json

import pytest

from benchmarks.load import live, paper, published, quotas, targets, throttled
from benchmarks.load.parts import PARTS
from docqa.domain.spans import CHUNKS_PER_SPAN


def test_without_throttles_every_call_is_made_once() -> None:
    result = throttled.throttled_run("Cohere on Bedrock", 0.0)

    assert result["times_the_least"] == 1
    assert result["not_answered_once"] == 0


def test_with_throttles_only_what_was_refused_is_asked_again() -> None:
    result = throttled.throttled_run("TEI on SageMaker", 0.3)

    assert result["calls"] > result["least_calls"]
    assert result["not_answered_once"] == 0
    assert result["vectors"] == throttled.PROCESSES * CHUNKS_PER_SPAN


def test_instants_within_a_stretch_are_counted_wherever_it_begins() -> None:
    assert throttled.most_within([0.0, 0.4, 0.45, 0.49, 0.6], 0.1) == 3


def test_the_quota_that_makes_it_slowest_binds_first() -> None:
    assert [one["quota"] for one in paper.in_order({"a": 1.0, "b": 3.0, "c": 2.0})] == ["b", "c", "a"]


def test_units_of_a_document_are_counted_by_kind_of_call() -> None:
    counted = {"calls": {"dynamodb:PutItem": 3, "dynamodb:GetItem": 2, "s3:PutObject": 4, "s3:GetObject": 9}}

    assert paper.needs_of(counted) == {"dynamodb_writes": 6, "dynamodb_reads": 2, "s3_writes": 4}


def test_days_are_the_load_by_the_quota() -> None:
    result = paper.measure()

    days = {one["quota"]: one["value"] for one in result["documents"]["binds"]}
    tokens = 3_325 * paper.DOCUMENTS / (300_000 / 60) / paper.DAY
    assert days["titan_tokens_per_minute"] == pytest.approx(tokens, rel=1e-4)
    shares = {one["quota"]: one["value"] for one in result["questions"]["binds"]}
    for name, through in result["questions"]["lets_through"].items():
        assert through == pytest.approx(paper.QUESTIONS_A_SECOND / shares[name], rel=0.02)


def test_every_quota_names_its_source() -> None:
    dt.date.fromisoformat(quotas.date())
    assert all(one.source and one.a_second > 0 for one in quotas.quotas().values())
    assert len(quotas.lines()) == len(quotas.quotas()) + 4


def test_a_missed_target_is_told() -> None:
    row = {"model": "m", "route": "r", "calls": 5_000, "one_text_a_call": 10_000, "takes_one_text": False}
    (few,) = targets.checks_of("calls", {"texts": 10_000, "rows": [row]})
    assert few.met is False
    (enough,) = targets.checks_of("calls", {"texts": 10_000, "rows": [row | {"calls": 2_500}]})
    assert enough.met is True
    one = {"times_the_least": 1.51, "not_answered_once": 1}
    together = {"most_within_twentieth": 3, "refused": 10}
    checks = targets.checks_of("throttled", {"models": {"m": one}, "together": together})
    assert [check.met for check in checks] == [False, False, False]


def test_targets_of_admission_and_of_the_live_part() -> None:
    tenants = {"late": {"longest_wait": 61.0}}
    routes = {"batch": {"documents": 9_999}}
    result = {"documents": 10_000, "capacity": 20, "peak": 21, "published_once": 9_999, "fairness": 0.5}
    admission = targets.checks_of("admission", result | {"tenants": tenants, "routes": routes})
    assert [check.met for check in admission] == [False] * 5
    live = {
        "documents": 500,
        "indexed": 499,
        "failed_questions": 1,
        "routes": {"short": {"realtime": 5}},
        "questions": {"idle": {"p95": 1.0}, "busy": {"p95": 2.1}},
    }
    assert [check.met for check in targets.checks_of("live", live)] == [False] * 4


def test_every_default_is_judged_of_passages_and_of_prompts() -> None:
    row = {"default": 5, "least": 1, "most": 3, "fits": False, "model_on": "Bedrock"}
    rows = [row | {"parameter": "RealtimePassages"}, row | {"parameter": "RealtimePrompts", "most": 5, "fits": True}]

    passages, prompts = targets.checks_of("crossover", {"boundaries": rows})

    assert ("RealtimePassages" in passages.what, passages.met) == (True, False)
    assert ("RealtimePrompts" in prompts.what, prompts.met) == (True, True)


def test_every_part_has_targets_and_is_on_the_page_once_published() -> None:
    known = json.loads(published.PUBLISHED.read_text("utf-8"))
    page = published.pages()[published.PAGE]

    assert {part.name for part in PARTS} == targets.CHECKS.keys()
    for part in PARTS:
        assert (f"## {part.title}" in page) == (part.name in known)


def test_the_live_part_drops_more_of_its_backlog_than_its_boundary_and_shows_every_route() -> None:
    routes = {"short": {"realtime": 100}, "long": {"asynchronous": 50}, "backlog": {"batch": 300, "realtime": 50}}
    asked = {"number": 60, "p50": 0.1, "p95": 0.2}
    result = {
        "documents": 500,
        "seconds": 90.0,
        "indexed": 500,
        "people": 3,
        "failed_questions": 0,
        "questions": {"alone": asked, "idle": asked, "busy": asked},
        "routes": routes,
    }

    assert max(live.SHORT, live.LONG) < 1 - live.SHORT - live.LONG
    assert live.FEW < live.MANY
    assert "| backlog | batch 300, realtime 50 |" in live.table(result)
    assert all(check.met for check in targets.checks_of("live", result))
