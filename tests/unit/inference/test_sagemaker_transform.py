"""Jobs of batch transform: small files, and what is lost with one."""

from __future__ import annotations

import pytest

from docqa.adapters.content_handlers.embedding_containers import TextEmbeddingsInference
from docqa.adapters.job_results import fault_of_vector
from docqa.errors import ThrottledError
from docqa.models.inference import Record
from tests.fakes import model_bodies
from tests.fakes.bucket import VersionedBucket
from tests.fakes.job_bench import PREFIX, Bench, texts, transform


@pytest.fixture
def bench() -> Bench:
    bucket = VersionedBucket("work")
    return transform(bucket, TextEmbeddingsInference(), model_bodies.tei, fault_of_vector(model_bodies.DIMENSIONS))


def test_the_job_reads_small_files_of_whole_requests(bench: Bench) -> None:
    started = bench.start(texts(600))

    assert {key: len(body.splitlines()) for key, body in bench.inputs().items()} == {
        f"{PREFIX}input/job-1/00000.jsonl": 8,
        f"{PREFIX}input/job-1/00001.jsonl": 8,
        f"{PREFIX}input/job-1/00002.jsonl": 3,
    }
    assert (started.external_id, started.parts, started.records) == ("job-1", {"job-1"}, 600)
    request = bench.service.created["job-1"]
    assert request["ModelName"] == "embedder"
    assert (request["BatchStrategy"], request["TransformInput"]["SplitType"]) == ("SingleRecord", "Line")
    assert request["TransformOutput"]["AssembleWith"] == "Line"
    assert request["TransformResources"] == {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2}


def test_a_bad_record_takes_its_file_and_the_others_are_there(bench: Bench) -> None:
    """Promise 33: of 3 files one has a bad record: its 256 are missing, 345 have vectors, though the job is Failed."""
    started = bench.start([*texts(300), Record("bad", "POISON"), *texts(300, first=300)])
    bench.run(started)

    found = bench.results(started)

    assert bench.state(started) == ("ENDED", "ClientError: see job logs for more information (1 files)")
    assert len(found) == 256 + 89
    assert not [result for result in found.values() if result.error]


def test_a_job_that_failed_with_every_file_has_failed(bench: Bench) -> None:
    started = bench.start([Record("bad", "POISON")])
    bench.run(started)

    assert bench.state(started)[0] == "FAILED"
    assert bench.results(started) == {}


def test_too_many_jobs_are_a_throttle_and_the_next_start_writes_nothing_again(bench: Bench) -> None:
    bench.service.quota = 0
    with pytest.raises(ThrottledError):
        bench.start(texts(300))
    written = {key: len(versions) for key, versions in bench.bucket.versions_of.items()}

    bench.service.quota = 1
    started = bench.start(texts(300))

    assert list(bench.service.created) == ["job-1"]
    assert {key: len(versions) for key, versions in bench.bucket.versions_of.items()} == written
    assert started.records == 300


def test_at_the_limit_a_job_that_was_taken_is_found_again(bench: Bench) -> None:
    bench.service.quota = 1
    first = bench.start(texts(3))

    assert bench.start(texts(3)) == first


def test_a_job_that_was_created_by_a_start_at_the_same_time_is_the_same_one(bench: Bench) -> None:
    """Two starts at once: the service takes the name once, and both have that job."""
    other = transform(bench.bucket, TextEmbeddingsInference(), model_bodies.tei, lambda _: "")
    other.jobs._client = bench.service
    known = bench.service.describe_transform_job
    bench.service.describe_transform_job = lambda **_: known(TransformJobName="not-there-yet")
    first = bench.start(texts(3))

    assert other.start(texts(3)) == first
    assert list(bench.service.created) == ["job-1"]


def test_a_container_that_never_gets_ready_is_given_up_after_a_day(bench: Bench) -> None:
    started = bench.start(texts(3))

    bench.clock.time += 24 * 3600 - 1
    assert bench.state(started) == ("RUNNING", "")
    bench.clock.time += 1

    assert bench.state(started)[0] == "EXPIRED"
    bench.jobs.stop(PREFIX, started)
    assert bench.state(started) == ("FAILED", "the job is Stopped")


def test_a_job_that_the_service_does_not_know_has_failed_and_stopping_it_is_nothing(bench: Bench) -> None:
    started = bench.start(texts(3))
    bench.service.created.clear()
    bench.service._status.clear()

    assert bench.state(started) == ("FAILED", "the service does not know the job")
    bench.jobs.stop(PREFIX, started)


def test_answers_that_are_not_one_line_each_are_errors_and_never_joined(bench: Bench) -> None:
    started = bench.start(texts(40))
    bench.bucket.put(f"{PREFIX}output/job-1/00000.jsonl.out", b"[[0.5,\n0.5]]\n[[0.5]]\n")

    found = bench.results(started)

    assert len(found) == 40
    assert {result.error for result in found.values()} == {
        "the file has 3 lines for 2 requests: answers are not one line each"
    }


def test_outputs_are_found_in_a_folder_of_the_inputs_name_too(bench: Bench) -> None:
    started = bench.start(texts(10))
    bench.run(started)
    body = bench.bucket.read(f"{PREFIX}output/job-1/00000.jsonl.out")
    bench.bucket.delete(f"{PREFIX}output/job-1/00000.jsonl.out")
    bench.bucket.put(f"{PREFIX}output/job-1/input/job-1/00000.jsonl.out", body)

    assert len(bench.results(started)) == 10
