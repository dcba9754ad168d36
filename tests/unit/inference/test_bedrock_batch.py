"""Jobs of Bedrock batch inference: unordered lines, errors in lines, jobs that end before they are done."""

from __future__ import annotations

import json

import pytest

from docqa.adapters.bedrock_batch import BatchQuotas
from docqa.adapters.content_handlers.bedrock_embedding_bodies import TitanV2
from docqa.adapters.content_handlers.converse import Converse
from docqa.adapters.job_results import fault_of_vector, no_fault
from docqa.errors import ConfigurationError
from docqa.models.inference import Record
from tests.fakes import model_bodies
from tests.fakes.bucket import VersionedBucket
from tests.fakes.inference_services import ROLE
from tests.fakes.job_bench import PREFIX, Bench, bedrock, prompts, texts


@pytest.fixture
def bench() -> Bench:
    handler, fault_of = TitanV2(model_bodies.DIMENSIONS), fault_of_vector(model_bodies.DIMENSIONS)
    return bedrock(VersionedBucket("work"), handler, model_bodies.titan, fault_of)


def test_each_line_has_the_records_id_and_the_body_of_the_call(bench: Bench) -> None:
    started = bench.start(texts(120))

    ((key, body),) = bench.inputs().items()
    line = json.loads(body.splitlines()[7])
    assert key == f"{PREFIX}input/job-1/00000.jsonl"
    assert line == {
        "recordId": "0:7",
        "modelInput": {
            "inputText": "words of passage 7x0 7x1 7x2 7x3 7x4 7x5 7x6 7x7",
            "dimensions": 64,
            "normalize": True,
        },
    }
    assert bench.service.created[started.external_id] == {
        "jobName": "job-1",
        "clientRequestToken": "job-1",
        "roleArn": ROLE,
        "modelId": "amazon.titan-embed-text-v2:0",
        "modelInvocationType": "InvokeModel",
        "inputDataConfig": {
            "s3InputDataConfig": {"s3InputFormat": "JSONL", "s3Uri": f"s3://work/{PREFIX}input/job-1/"}
        },
        "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": f"s3://work/{PREFIX}output/"}},
        "timeoutDurationInHours": 24,
    }
    assert started.parts == {started.external_id}


def test_prompts_are_bodies_of_converse() -> None:
    bench = bedrock(VersionedBucket("work"), Converse(), model_bodies.converse, no_fault, "Converse")
    started = bench.start(prompts(2))

    (body,) = bench.inputs().values()
    assert json.loads(body.splitlines()[1]) == {
        "recordId": "q-1",
        "modelInput": {
            "system": [{"text": "Be brief."}],
            "messages": [{"role": "user", "content": [{"text": "question 1"}]}],
            "inferenceConfig": {"maxTokens": 50, "temperature": 0.0},
        },
    }
    assert bench.service.created[started.external_id]["modelInvocationType"] == "Converse"


def test_a_line_with_an_error_fails_alone(bench: Bench) -> None:
    """Promise 33: of 101 shuffled lines one has an error: 100 vectors, one error in the service's words."""
    started = bench.start([*texts(50), Record("bad", "POISON"), *texts(50, first=50)])
    bench.run(started)

    found = bench.results(started)

    assert bench.state(started) == ("ENDED", "")
    assert sum(result.value is not None for result in found.values()) == 100
    assert (found["bad"].value, found["bad"].error) == (None, "400 Input validation error: there is poison in it")
    assert {result.tokens for name, result in found.items() if name != "bad"} == {11}


@pytest.mark.parametrize("status", ["PartiallyCompleted", "Stopped", "Failed", "Expired"])
def test_a_job_that_ended_early_has_the_results_that_it_got_to(bench: Bench, status: str) -> None:
    """Promise 33: 70 of 100 records were answered when the job ended: those are results, 30 are missing."""
    started = bench.start(texts(100))
    bench.run(started, status=status, leave={f"0:{n}" for n in range(70, 100)})

    assert bench.state(started) == ("ENDED", f"the job is {status}")
    assert set(bench.results(started)) == {f"0:{n}" for n in range(70)}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Submitted", "RUNNING"),
        ("Validating", "RUNNING"),
        ("Scheduled", "RUNNING"),
        ("InProgress", "RUNNING"),
        ("Stopping", "RUNNING"),
        ("Expired", "EXPIRED"),
        ("PartiallyCompleted", "EXPIRED"),
        ("Stopped", "FAILED"),
        ("Failed", "FAILED"),
    ],
)
def test_without_output_the_status_decides(bench: Bench, status: str, state: str) -> None:
    """Promise 33: a job that expired before it began, or failed, has no result at all."""
    started = bench.start(texts(3))
    bench.service.end(started.external_id, status)

    assert bench.state(started)[0] == state
    assert bench.results(started) == {}


def test_fewer_records_than_the_quota_are_refused_before_a_job_is_made() -> None:
    handler, fault_of = TitanV2(model_bodies.DIMENSIONS), fault_of_vector(model_bodies.DIMENSIONS)
    bench = bedrock(VersionedBucket("work"), handler, model_bodies.titan, fault_of, quotas=BatchQuotas())

    with pytest.raises(ConfigurationError, match="100 to 50000 records"):
        bench.start(texts(99))

    assert (bench.service.created, bench.bucket.objects()) == ({}, {})
    assert (bench.jobs.limits.least_records, bench.jobs.limits.most_records) == (100, 50_000)
    started = bench.start(texts(100))
    bench.run(started)
    assert len(bench.results(started)) == 100


def test_a_start_that_did_not_note_its_job_finds_it_by_the_token(bench: Bench) -> None:
    """Promise 33: the process was killed after the service had taken the job: one job, by the service's own token."""
    first = bench.start(texts(20))
    bench.bucket.delete(f"{PREFIX}notes/job-1/started.json")

    assert bench.start(texts(20)) == first
    assert len(bench.service.created) == 1


def test_lines_that_are_no_answers_or_come_twice_are_passed_over(bench: Bench) -> None:
    started = bench.start(texts(5))
    bench.run(started)
    (key,) = (key for key in bench.bucket.objects() if key.endswith(".jsonl.out"))
    body = bench.bucket.read(key)
    bench.bucket.put(key, body + b'no JSON\n[1]\n{"modelOutput": {}}\n' + body)

    assert len(bench.results(started)) == 5


def test_a_line_with_neither_output_nor_error_and_one_in_another_form_are_errors(bench: Bench) -> None:
    started = bench.start(texts(2))
    job = started.external_id.rpartition("/")[2]
    lines = b'{"recordId": "0:0"}\n{"recordId": "0:1", "modelOutput": {"vector": []}}\n'
    bench.bucket.put(f"{PREFIX}output/{job}/00000.jsonl.out", lines)

    found = bench.results(started)

    assert found["0:0"].error == "neither output nor error"
    assert found["0:1"].error == "answered in another form than its format says"


def test_a_job_that_the_service_does_not_know_has_failed(bench: Bench) -> None:
    started = bench.start(texts(3))
    bench.service.created.clear()

    assert bench.state(started) == ("FAILED", "the service does not know the job")


def test_a_tenant_whose_name_cannot_be_an_address_is_refused(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="plain letters"):
        bench.start(texts(3), prefix="Müller & Söhne/jobs/1/")
