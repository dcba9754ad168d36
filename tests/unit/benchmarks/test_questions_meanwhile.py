"""Questions beside a load: a load that is not there must not look like a quiet success."""

from __future__ import annotations

from typing import Any, cast

import pytest

from benchmarks.ingest import questions
from benchmarks.ingest.bench import Bench
from benchmarks.ingest.load import Ended, Load, require_indexed
from cli.errors import CommandError


class BrokenLoad:
    """Nothing can be dropped."""

    def __init__(self) -> None:
        self.dropped: dict[str, tuple[str, float]] = {}

    def drop(self, files: Any) -> float:
        raise ConnectionError("the bucket is away")


def test_what_goes_wrong_while_documents_are_dropped_ends_the_measurement() -> None:
    with (
        pytest.raises(ConnectionError, match="the bucket is away"),
        questions.fed(cast("Bench", None), cast("Load", BrokenLoad())),
    ):
        pass


def test_a_load_that_does_not_begin_ends_the_measurement() -> None:
    with pytest.raises(CommandError, match="did not start"):
        questions.wait_for(lambda: False, "The first document did not start.", seconds=0.0)


def test_a_document_of_the_load_that_did_not_get_through_ends_the_measurement() -> None:
    with pytest.raises(CommandError, match="ended as FAILED"):
        require_indexed([Ended("a.pdf", "a", "FAILED", 1.0, failure="X: y")])


def test_the_table_says_how_much_of_the_time_something_was_taken_in() -> None:
    seconds = {"median": 0.1, "p95": 0.2}
    rows = questions.table(
        {"questions": 60, "capacity": 1, "idle": seconds, "busy": seconds, "p95_ratio": 1.0, "in_flight_share": 0.97}
    )
    assert "97%" in rows[-1]
