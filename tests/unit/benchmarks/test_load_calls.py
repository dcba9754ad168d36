"""Counting clients count what the real adapters ask, and nothing is counted that was not answered."""

from typing import Any, cast

import pytest

from benchmarks.load.calls import AT_ONCE, batched_calls, single_calls
from benchmarks.load.counted_bucket import CountedBucket
from benchmarks.load.counted_jobs import CHAT, EMBEDDING, PASSAGE, PROMPT, count
from benchmarks.load.counted_models import CountedModels, answer
from benchmarks.load.route_costs import counted_requests
from docqa.errors import NotFoundError
from docqa.models.inference import JobReport, JobState


@pytest.mark.parametrize(
    ("model", "calls"),
    [
        # Two spans of 192 passages and one of 16.
        ("Cohere on Bedrock", 2 + 2 + 1),
        ("TEI on SageMaker", 6 + 6 + 1),
        ("inference toolkit on SageMaker", 48 + 48 + 4),
        ("Titan on Bedrock", 400),
    ],
)
def test_passages_go_in_batches_within_their_spans(model: str, calls: int) -> None:
    assert batched_calls(AT_ONCE[model], 400) == calls
    assert single_calls(AT_ONCE[model], 7) == 7


@pytest.mark.parametrize("route", ["asynchronous", "transform", "bedrock batch"])
def test_every_record_of_a_job_is_answered_and_its_requests_grow_with_them(route: str) -> None:
    few, many = (count(EMBEDDING[route], PASSAGE, records) for records in (40, 400))

    assert many.writes >= few.writes > 0
    assert many.reads >= few.reads > 0
    assert count(CHAT[route], PROMPT, 40).records == 40


def test_an_asynchronous_endpoint_is_called_once_for_each_body_and_a_batch_once() -> None:
    assert count(EMBEDDING["asynchronous"], PASSAGE, 320).calls == 10
    assert count(EMBEDDING["transform"], PASSAGE, 320).calls == 2
    assert count(EMBEDDING["bedrock batch"], PASSAGE, 320).calls == 2


def test_a_job_whose_records_are_not_all_answered_is_not_counted() -> None:
    class Loses:
        def start(self, *_: object) -> None: ...

        def state(self, *_: object) -> JobReport:
            return JobReport(JobState.ENDED)

        def results(self, *_: object) -> list[Any]:
            return []

    with pytest.raises(RuntimeError, match="0 of 3 records"):
        count(lambda *_: cast("Any", Loses()), PASSAGE, 3)


def test_requests_of_a_job_are_a_line_over_its_records() -> None:
    requests = counted_requests(EMBEDDING["asynchronous"], PASSAGE)

    # A body of 32 passages: its ids, itself, its note and its answer.
    assert requests.writes.each == pytest.approx(4 / 32)
    assert requests.usd(3_200) > requests.usd(32) > 0


def test_the_bucket_counts_what_is_billed() -> None:
    bucket = CountedBucket()
    bucket.write("a/1", b"x")
    assert bucket.read("a/1") == b"x"
    assert not bucket.exists("b")
    assert [one.key for one in bucket.list_objects("a/")] == ["a/1"]
    with pytest.raises(NotFoundError):
        bucket.read("b")

    assert bucket.requests == {"write": 2, "read": 3}
    assert bucket.delete_prefix("a/") == 1
    assert not list(bucket.list_objects("a/"))


def test_each_body_is_answered_in_its_own_form() -> None:
    assert len(answer({"inputs": ["a", "b"], "truncate": True})) == 2
    assert len(answer({"texts": ["a", "b", "c"]})["embeddings"]) == 3
    assert "choices" in answer({"messages": []})
    assert CountedModels().calls.total() == 0
