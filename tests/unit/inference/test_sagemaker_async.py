"""Jobs on an asynchronous endpoint: what comes, what does not, and what is paid twice."""

from __future__ import annotations

import json

import pytest

from docqa.adapters.content_handlers.chat_containers import MessagesApi
from docqa.adapters.content_handlers.embedding_containers import TextEmbeddingsInference
from docqa.adapters.job_results import fault_of_vector, no_fault
from docqa.adapters.sagemaker_async import SageMakerAsyncJobs
from docqa.errors import ConfigurationError, ThrottledError
from docqa.models.inference import Prompt, Record
from tests.fakes import model_bodies
from tests.fakes.bucket import VersionedBucket
from tests.fakes.inference_services import AsyncEndpoint
from tests.fakes.job_bench import PREFIX, Bench, asynchronous, prompts, texts

# Six hours in the queue, fifteen minutes in the container, five of grace.
EXPIRY = 21_600 + 900 + 300


@pytest.fixture
def bench() -> Bench:
    bucket = VersionedBucket("work")
    return asynchronous(bucket, TextEmbeddingsInference(), model_bodies.tei, fault_of_vector(model_bodies.DIMENSIONS))


@pytest.fixture
def chat() -> Bench:
    return asynchronous(VersionedBucket("work"), MessagesApi(), model_bodies.messages, no_fault)


def test_texts_go_32_a_request_named_after_the_token_and_answered_below_the_prefix(bench: Bench) -> None:
    started = bench.start(texts(70))

    assert [len(json.loads(body)["inputs"]) for body in bench.inputs().values()] == [32, 32, 6]
    assert started.parts == {"job-1.000", "job-1.001", "job-1.002"}
    assert bench.service.calls[1] == {
        "EndpointName": "embedder-async",
        "ContentType": "application/json",
        "Accept": "application/json",
        "InferenceId": "job-1.001",
        "InputLocation": f"s3://work/{PREFIX}input/job-1/001.json",
        "S3OutputPathExtension": f"{PREFIX}output/job-1",
        "Filename": "001.out",
        "RequestTTLSeconds": 21_600,
        "InvocationTimeoutSeconds": 900,
    }
    bench.run(started)
    assert all(key.startswith(PREFIX) for key in bench.bucket.objects())


def test_large_texts_go_fewer_a_request(bench: Bench) -> None:
    """A request has at most a megabyte, however few texts that is; one that has more alone goes alone."""
    large = [Record(str(number), "word " * 50_000) for number in range(10)] + [Record("huge", "word " * 300_000)]

    started = bench.start(large)
    bench.run(started)

    sizes = [len(body) for body in bench.inputs().values()]
    assert all(size <= 1024 * 1024 for size in sizes[:-1])
    assert len(sizes) < 11
    assert len(bench.results(started)) == 11


def test_while_a_request_is_not_answered_the_job_runs(bench: Bench) -> None:
    started = bench.start(texts(96))
    bench.run(started, lose={"job-1.000"})

    assert bench.state(started) == ("RUNNING", "")
    assert len(bench.results(started)) == 64

    bench.service.run()
    assert bench.state(started) == ("ENDED", "")
    assert len(bench.results(started)) == 96


def test_a_failure_object_is_the_outcome_of_a_request_of_one_record(chat: Bench) -> None:
    """Promise 32: 3 answers, 1 failure object: one outcome each, also when a notification comes twice."""
    poison = Record("bad", Prompt((("user", "POISON"),), 50))
    started = chat.start([*prompts(3), poison])
    chat.run(started)

    for _ in range(2):  # a doubled notification
        assert chat.state(started) == (
            "ENDED",
            '1 of 4 requests failed: {"error": "Input validation error: there is poison in it"}',
        )
        found = chat.results(started)
        assert [found[f"q-{n}"].value.text for n in range(3)] == [f"You said: question {n}" for n in range(3)]
        assert found["bad"].value is None
        assert "poison" in found["bad"].error


def test_of_a_failed_request_of_many_records_none_is_said_to_be_at_fault(bench: Bench) -> None:
    """Promise 32: 31 passages that went with a bad one are missing, to be asked again, and not failed."""
    started = bench.start([*texts(40), Record("bad", "POISON"), *texts(40, first=40)])
    bench.run(started)

    found = bench.results(started)

    assert set(found) == {f"0:{n}" for n in [*range(32), *range(63, 80)]}
    assert bench.state(started)[1].startswith("1 of 3 requests failed: ")


def test_what_never_came_expires_and_the_rest_is_there(bench: Bench) -> None:
    """Promise 32: of 3 requests one is lost without a word: EXPIRED after 22,800 s, 64 vectors are there."""
    started = bench.start(texts(96))
    bench.run(started, lose={"job-1.001"})

    bench.clock.time += EXPIRY - 1
    assert bench.state(started) == ("RUNNING", "")
    bench.clock.time += 1

    assert bench.state(started) == ("EXPIRED", "1 of 3 requests were not answered in time")
    assert len(bench.results(started)) == 64
    assert bench.jobs.limits.longest_seconds == EXPIRY


def test_an_answer_that_comes_after_all_counts(bench: Bench) -> None:
    """Promise 32: expired, and answered a moment later: one outcome, the answer."""
    started = bench.start(texts(40))
    bench.clock.time += EXPIRY
    assert bench.state(started)[0] == "EXPIRED"

    bench.run(started)

    assert bench.state(started) == ("ENDED", "")
    assert len(bench.results(started)) == 40


def test_an_answer_outweighs_a_failure_of_the_same_request(bench: Bench) -> None:
    """Promise 32: a request that was worked on twice, once with success: one outcome, the answer."""
    started = bench.start(texts(10))
    bench.bucket.put("f/job-1.000-error.out", b"out of memory")
    assert bench.state(started)[0] == "ENDED"

    bench.run(started)

    assert bench.state(started) == ("ENDED", "")
    assert len(bench.results(started)) == 10


def test_a_throttled_start_goes_on_where_it_was(bench: Bench) -> None:
    """Promise 32: 2 of 4 requests were taken before the throttle: the next start hands over the other 2."""
    bench.service.quota = 2
    with pytest.raises(ThrottledError):
        bench.start(texts(128))
    bench.service.quota = 10

    started = bench.start(texts(128))

    assert [call["InferenceId"] for call in bench.service.calls] == [f"job-1.00{n}" for n in range(4)]
    assert started.records == 128


def test_an_endpoint_without_failure_path_is_heard_of_when_its_time_is_over() -> None:
    bucket = VersionedBucket("work")
    endpoint = AsyncEndpoint(bucket, model_bodies.tei, failures="")
    bench = asynchronous(bucket, TextEmbeddingsInference(), model_bodies.tei, fault_of_vector(model_bodies.DIMENSIONS))
    jobs = SageMakerAsyncJobs(endpoint, "e", bucket, TextEmbeddingsInference(), lambda _: "", bench.clock, 60, 30)
    started = jobs.start(PREFIX, [Record("bad", "POISON")], "job-1")
    endpoint.run()

    assert jobs.state(PREFIX, started).state.value == "RUNNING"
    bench.clock.time += 60 + 30 + 300
    assert jobs.state(PREFIX, started).state.value == "EXPIRED"
    assert list(jobs.results(PREFIX, started)) == []


def test_an_endpoint_that_answers_elsewhere_in_the_bucket_is_read_there_and_another_bucket_is_refused() -> None:
    bucket = VersionedBucket("work")
    endpoint = AsyncEndpoint(bucket, model_bodies.tei, output="async/")
    bench = asynchronous(bucket, TextEmbeddingsInference(), model_bodies.tei, fault_of_vector(model_bodies.DIMENSIONS))
    jobs = SageMakerAsyncJobs(endpoint, "e", bucket, TextEmbeddingsInference(), lambda _: "", bench.clock)
    started = jobs.start(PREFIX, texts(3), "job-1")
    endpoint.run()
    assert len(list(jobs.results(PREFIX, started))) == 3

    other = AsyncEndpoint(VersionedBucket("elsewhere"), model_bodies.tei)
    jobs = SageMakerAsyncJobs(other, "e", bucket, TextEmbeddingsInference(), lambda _: "", bench.clock)
    with pytest.raises(ConfigurationError, match="WORK_BUCKET"):
        jobs.start(PREFIX, texts(3), "job-2")


def test_a_tenant_whose_name_cannot_be_an_address_is_refused_before_anything_is_written(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="plain letters"):
        bench.start(texts(3), prefix="Müller & Söhne/jobs/1/")

    assert bench.bucket.objects() == {}


def test_a_job_whose_notes_are_gone_has_failed(bench: Bench) -> None:
    started = bench.start(texts(3))
    bench.bucket.delete_prefix(PREFIX)

    assert bench.state(started)[0] == "FAILED"
    assert bench.results(started) == {}


def test_an_answer_in_another_form_is_an_error_of_each_of_its_records(bench: Bench) -> None:
    started = bench.start(texts(34))
    bench.bucket.put(f"{PREFIX}output/job-1/000.out", b'{"vectors": []}')
    bench.bucket.put(f"{PREFIX}output/job-1/001.out", b"[[1.0]]")

    errors = {result.error for result in bench.results(started).values()}

    assert errors == {"answered in another form than its format says", "answered 1 times to 2 records"}
