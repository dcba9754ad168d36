"""The published figures are those of the calibration that is shipped."""

import datetime as dt
import json

import pytest

from benchmarks.ingest import published as ingestion
from benchmarks.ingest.targets import CHECKS, checks_of
from benchmarks.load import published as load
from benchmarks.load.targets import CHECKS as LOAD_CHECKS
from benchmarks.load.targets import checks_of as load_checks_of
from docqa.domain import confidence
from evaluation.published import PUBLISHED, _figure

RUNS = [
    (f"{name}, {mode}", run["settings"])
    for name, modes in json.loads(PUBLISHED.read_text("utf-8")).items()
    for mode, run in modes.items()
]


@pytest.mark.parametrize(("title", "settings"), RUNS, ids=[title for title, _ in RUNS])
def test_figures_of_another_threshold_are_not_published(title: str, settings: dict[str, object]) -> None:
    shipped = confidence.load_calibration("cohere.embed-english-v3", 384).threshold

    assert settings["threshold_in_use"] == shipped, f"{title}: measure again (python -m evaluation.all_sets)"


def test_every_published_part_of_ingestion_is_dated_and_judged() -> None:
    known = json.loads(ingestion.PUBLISHED.read_text("utf-8"))

    assert known.keys() <= CHECKS.keys()
    for part, result in known.items():
        assert dt.date.fromisoformat(result["date"]) <= dt.datetime.now(dt.UTC).date(), part
        assert checks_of(part, result), part


def test_every_published_part_of_heavy_loads_is_dated_and_none_missed_its_targets() -> None:
    known = json.loads(load.PUBLISHED.read_text("utf-8"))

    assert known.keys() <= LOAD_CHECKS.keys()
    for part, result in known.items():
        assert dt.date.fromisoformat(result["date"]) <= dt.datetime.now(dt.UTC).date(), part
        assert [check for check in load_checks_of(part, result) if check.met is False] == [], part


def test_a_figure_of_one_question_is_not_shown() -> None:
    assert _figure({"mean": 1.0, "interval": None}) == ""
    assert _figure({"mean": 0.5, "interval": [0.4, 0.6]}) == "0.500 (0.400 to 0.600)"
