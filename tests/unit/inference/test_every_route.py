"""What holds for jobs on every route, whatever the service behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docqa.adapters.bedrock_embeddings import TitanEmbeddings
from docqa.adapters.content_handlers.embedding_containers import FeatureExtraction, TextEmbeddingsInference
from docqa.adapters.sagemaker_embeddings import SageMakerEmbeddings
from docqa.errors import ConfigurationError
from docqa.models.inference import JobState, Prompt, Record, Route
from tests.fakes import model_bodies
from tests.fakes.bucket import VersionedBucket
from tests.fakes.job_bench import (
    EACH_SERVICE,
    PREFIX,
    REPLY_ROUTES,
    VECTOR_ROUTES,
    Bench,
    BreakingBucket,
    passage,
    prompts,
    texts,
)

# JSON carries every bit of a float. Only what is pooled here is computed once more, in other steps than elsewhere.
TOLERANCE = 1e-9


@pytest.fixture(params=EACH_SERVICE)
def bench(request: pytest.FixtureRequest) -> Bench:
    return VECTOR_ROUTES[request.param](BreakingBucket())


@pytest.mark.parametrize("route", VECTOR_ROUTES)
def test_every_route_gives_the_same_vectors(route: str) -> None:
    """Promise 31: real-time, asynchronous and batch vectors of one model differ by less than 1e-9 in each float."""
    bench = VECTOR_ROUTES[route](VersionedBucket("work"))
    records = list(texts(75))
    realtime = TitanEmbeddings(model_bodies.Runtime(model_bodies.titan), "titan", model_bodies.DIMENSIONS)
    expected = realtime.embed_documents([record.value for record in records])
    assert len({tuple(vector) for vector in expected}) == 75

    started = bench.start(records)
    bench.run(started)
    found = bench.results(started)

    assert bench.state(started) == ("ENDED", "")
    assert set(found) == {record.id for record in records}
    assert [list(found[record.id].value) for record in records] == [
        pytest.approx(one, abs=TOLERANCE) for one in expected
    ]


@pytest.mark.parametrize(
    ("handler", "container"),
    [
        (TextEmbeddingsInference(), model_bodies.tei),
        (FeatureExtraction("cls"), model_bodies.feature_extraction),
        (FeatureExtraction("mean"), model_bodies.feature_extraction),
    ],
)
def test_real_time_vectors_are_the_same_from_each_container(handler: Any, container: model_bodies.Container) -> None:
    """Promise 31: what a container gives in real time differs by less than 1e-9 from what Titan's body says."""
    words = [record.value for record in texts(40)]
    other = TitanEmbeddings(model_bodies.Runtime(model_bodies.titan), "titan", model_bodies.DIMENSIONS)
    embeddings = SageMakerEmbeddings(model_bodies.Runtime(container), "endpoint", model_bodies.DIMENSIONS, handler)

    vectors = embeddings.embed_documents(words)

    assert vectors == [pytest.approx(one, abs=TOLERANCE) for one in other.embed_documents(words)]


@pytest.mark.parametrize("route", REPLY_ROUTES)
def test_every_prompt_has_its_own_reply(route: str) -> None:
    bench = REPLY_ROUTES[route](VersionedBucket("work"))

    started = bench.start(prompts(23))
    bench.run(started)
    found = bench.results(started)

    assert {name: result.value.text for name, result in found.items()} == {
        f"q-{n}": f"You said: question {n}" for n in range(23)
    }
    counted = 0 if "TGI" in route else 7  # TGI's own format does not say
    assert {result.tokens for result in found.values()} == {counted}


@pytest.mark.parametrize("route", REPLY_ROUTES)
def test_a_poison_prompt_fails_alone_or_with_its_file_and_says_why(route: str) -> None:
    bench = REPLY_ROUTES[route](VersionedBucket("work"))
    poison = Record("bad", Prompt((("user", "POISON"),), 50))

    started = bench.start([*prompts(20), poison])
    bench.run(started)
    found = bench.results(started)

    state, message = bench.state(started)
    if bench.jobs.route is Route.ASYNCHRONOUS or "Converse" in route:
        assert len(found) == 21
        assert (found["bad"].value, "poison" in found["bad"].error) == (None, True)
    else:
        assert set(found) == {f"q-{n}" for n in range(16)}  # 8 requests a file: the last of three is lost
        assert "see job logs" in message
    assert state == "ENDED"


def test_a_start_repeated_with_the_same_token_is_the_same_job(bench: Bench) -> None:
    """Promises 32, 33: starting twice has the service work once."""
    first = bench.start(texts(70))
    taken = _taken(bench)

    again = bench.start(texts(70))

    assert again == first
    assert _taken(bench) == taken
    assert again.records == 70


@pytest.mark.parametrize("route", EACH_SERVICE)
@pytest.mark.parametrize("writes", range(12))
def test_a_start_that_broke_off_anywhere_is_completed_by_the_next_one(route: str, writes: int) -> None:
    """Promises 32, 33: killed after any of 12 writes, then repeated: all is answered, at most one request twice."""
    bucket = BreakingBucket()
    bench = VECTOR_ROUTES[route](bucket)
    bucket.writes_left = writes
    broke = False
    try:
        bench.start(texts(70))
    except ConnectionError:
        broke = True
    bucket.writes_left = 1_000_000

    started = bench.start(texts(70))
    bench.run(started)

    assert len(bench.results(started)) == 70
    fewest = 3 if bench.jobs.route is Route.ASYNCHRONOUS else 1
    assert fewest <= _taken(bench) <= fewest + (1 if broke and bench.jobs.route is Route.ASYNCHRONOUS else 0)


def test_what_a_start_that_broke_off_left_is_not_answered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start is repeated with its records; files of a longer one, that never became a job, would be answered too."""
    monkeypatch.setattr("docqa.adapters.bedrock_batch.FILE_RECORDS", 100)
    bucket: Any = bench.bucket
    bucket.writes_left = 5
    with pytest.raises(ConnectionError):
        bench.start(texts(2_000), token="job-1", prefix="acme/other/")
    bucket.writes_left = 1_000_000
    started = bench.start(texts(20), token="job-1", prefix="acme/other/")
    bench.run(started)

    assert len(bench.results(started, "acme/other/")) == 20


def test_only_the_missing_records_are_in_the_next_job(bench: Bench) -> None:
    """Promise 33: lost parts, files and records are asked for again, and nothing else is."""
    first = bench.start(texts(600), "job-1")
    lost = {
        Route.ASYNCHRONOUS: {"lose": {"job-1.003"}},
        Route.BATCH: {"lose": {"00001.jsonl"}}
        if "job-1" in first.parts
        else {"leave": {f"0:{n}" for n in (5, 77, 599)}},
    }
    bench.run(first, **lost[bench.jobs.route])
    found = bench.results(first)
    missing = [record for record in texts(600) if record.id not in found]
    expected = {"asynchronous": 32, "transform": 256, "batch": 3}
    assert len(missing) in expected.values()
    before = bench.inputs()

    second = bench.start(missing, "job-2")
    bench.run(second)
    redone = bench.results(second)

    assert set(redone) == {record.id for record in missing}
    assert len(found | redone) == 600
    asked = b"".join(body for key, body in bench.inputs().items() if key not in before)
    assert asked.count(b"words of passage") == len(missing)


def test_what_an_earlier_job_left_is_not_taken_for_an_answer_to_this_one(bench: Bench) -> None:
    first = bench.start(texts(40), "job-1")
    bench.run(first)

    second = bench.start(texts(40), "job-2")

    assert bench.results(second) == {}
    assert bench.state(second)[0] == "RUNNING"
    assert len(bench.results(first)) == 40


def test_records_are_written_while_they_are_read_and_results_read_one_file_at_a_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promises 32, 33: a job is never in memory: of 3,000 records at most 500 wait to be written, one file is read."""
    monkeypatch.setattr("docqa.adapters.bedrock_batch.FILE_RECORDS", 500)
    waiting: list[int] = []

    def watched() -> Iterator[Record[str]]:
        for number, record in enumerate(texts(3_000)):
            if number % 250 == 0:
                waiting.append(number - sum(body.count(b"words of") for body in bench.inputs().values()))
            yield record

    started = bench.start(watched())
    bench.run(started)
    opened = _watch_reads(bench)
    results = bench.jobs.results(PREFIX, started)

    assert next(results).value is not None
    assert max(waiting) <= 500
    assert len([key for key in opened if "/output/" in key]) == 1, "one file is enough for the first result"
    assert sum(1 for _ in results) == 2_999


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(seed=st.integers(), left=st.sets(st.integers(0, 199)), files=st.sampled_from([1, 7, 200]))
def test_unordered_output_is_joined_by_ids(
    monkeypatch: pytest.MonkeyPatch, seed: int, left: set[int], files: int
) -> None:
    """Promise 33: whatever the order, whatever is left out: each answer is its own record's (25 drawn cases of 200)."""
    monkeypatch.setattr("docqa.adapters.bedrock_batch.FILE_RECORDS", -(-200 // files))
    bench = VECTOR_ROUTES["batch, Titan"](VersionedBucket("work"))
    started = bench.start(texts(200))
    bench.run(started, seed=seed, leave={f"0:{n}" for n in left}, status="PartiallyCompleted")

    found = bench.results(started)

    assert set(found) == {f"0:{n}" for n in range(200) if n not in left}
    for name, result in found.items():
        expected = model_bodies.MODEL.embed_query(passage(int(name.partition(":")[2])))
        assert list(result.value) == expected


def test_a_job_without_records_and_one_with_too_many_are_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError):
        bench.start([])

    monkeypatch.setattr("docqa.adapters.sagemaker_async.MOST_PARTS", 3)
    monkeypatch.setattr("docqa.adapters.sagemaker_transform.MOST_RECORDS", 96)
    bench.jobs._quotas = type("Quotas", (), {"least_records": 1, "most_records": 96, "hours": 24})
    assert bench.jobs.limits.most_records == 96
    assert bench.start(texts(96), "fits").records == 96
    before, taken = bench.bucket.objects(), _taken(bench)
    with pytest.raises(ConfigurationError):
        bench.start(texts(97), "too-many")
    assert (bench.bucket.objects(), _taken(bench)) == (before, taken), (
        "what is refused leaves nothing, and costs nothing"
    )


def test_an_answer_that_no_index_can_hold_is_an_error_of_its_record(bench: Bench) -> None:
    """Promise 29: vectors of the wrong length, and such as are no numbers, are no values."""
    started = bench.start([*texts(60), Record("short", "SHORT"), Record("nan", "NAN")])
    bench.run(started)

    found = bench.results(started)

    assert {name for name, result in found.items() if result.value is None} == {"short", "nan"}
    assert "EMBEDDING_DIMENSIONS says 64" in found["short"].error
    assert "finite" in found["nan"].error


def test_a_stopped_job_is_not_worked_on_and_stopping_twice_is_nothing(bench: Bench) -> None:
    started = bench.start(texts(40))

    bench.jobs.stop(PREFIX, started)
    bench.jobs.stop(PREFIX, started)

    if bench.jobs.route is Route.ASYNCHRONOUS:
        bench.run(started)  # the requests' turns come, and there is nothing to read
        state, message = bench.state(started)
        assert (state, "2 of 2 requests failed" in message) == ("ENDED", True)
    else:
        assert bench.state(started)[0] == JobState.FAILED
    assert not any(result.value for result in bench.results(started).values())


def test_tokens_that_a_service_cannot_be_told_are_a_mistake_of_the_caller(bench: Bench) -> None:
    for token in ("", "a/b", "-a", "a" * 61, "a_b"):
        with pytest.raises(ValueError, match="token"):
            bench.start(texts(1), token)
    with pytest.raises(ValueError, match="slash"):
        bench.start(texts(1), prefix="acme/jobs/1")
    assert bench.start(texts(1), "a" * 60).records == 1


def _taken(bench: Bench) -> int:
    """How much work the service was given: requests, or jobs."""
    return len(bench.service.calls if bench.jobs.route is Route.ASYNCHRONOUS else bench.service.created)


def _watch_reads(bench: Bench) -> list[str]:
    read: list[str] = []
    inner = bench.bucket.read

    def watched(key: str, version_id: str | None = None) -> bytes:
        read.append(key)
        return inner(key, version_id)

    bench.bucket.read = watched  # type: ignore[method-assign]
    return read
