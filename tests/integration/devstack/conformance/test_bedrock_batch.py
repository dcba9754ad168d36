"""Bedrock batch inference: each test quotes the sentence of AWS's documentation that it holds the server to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.devstack.conformance.local_server import LocalServer, eventually

TITAN, NOVA = "amazon.titan-embed-text-v2:0", "us.amazon.nova-lite-v1:0"
ROLE = "arn:aws:iam::000000000000:role/batch"
ENDS = ("Completed", "PartiallyCompleted", "Failed", "Stopped", "Expired")
Create = Callable[..., str]


def records(count: int, start: int = 1) -> str:
    """Record number n asks for the vector of a text of n letters."""
    return "".join(
        json.dumps({"recordId": f"r{number}", "modelInput": {"inputText": "x" * number}}) + "\n"
        for number in range(start, start + count)
    )


@pytest.fixture
def create(server: LocalServer, bedrock: Any) -> Create:
    """Starts a job over the folder `in/`, of any number of records; its ARN."""
    server.behave("bedrock", least_records=1)

    def start(uri: str = "s3://work/in/", model: str = TITAN, **more: Any) -> str:
        return str(
            bedrock.create_model_invocation_job(
                jobName=more.pop("jobName", "a-job"),
                roleArn=ROLE,
                modelId=model,
                inputDataConfig={"s3InputDataConfig": {"s3InputFormat": "JSONL", "s3Uri": uri}},
                outputDataConfig={"s3OutputDataConfig": {"s3Uri": more.pop("output", "s3://work/out/")}},
                **more,
            )["jobArn"]
        )

    return start


def ended(bedrock: Any, arn: str) -> dict[str, Any]:
    """GetModelInvocationJob, once the job is over."""

    def look() -> dict[str, Any] | None:
        job: dict[str, Any] = bedrock.get_model_invocation_job(jobIdentifier=arn)
        return job if job["status"] in ENDS else None

    return eventually(look)


def output(server: LocalServer, arn: str, name: str = "1.jsonl") -> list[dict[str, Any]]:
    content = server.read(f"s3://work/out/{job_id(arn)}/{name}.out")
    assert content is not None
    return [json.loads(line) for line in content.splitlines()]


def manifest(server: LocalServer, arn: str) -> dict[str, int]:
    found: dict[str, int] = json.loads(server.read(f"s3://work/out/{job_id(arn)}/manifest.json.out") or b"null")
    return found


def job_id(arn: str) -> str:
    return arn.rpartition("/")[2]


def code(act: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        act(**request)
    return str(caught.value.response["Error"]["Code"])


def statuses(server: LocalServer) -> list[str]:
    """Those that were told, once the last one is an end."""

    def look() -> list[str] | None:
        told = [detail["status"] for _, _, _, detail in server.bus.events]
        return told if told and told[-1] in ENDS else None

    return eventually(look)


def test_there_is_a_line_for_each_record_in_a_folder_of_the_job(
    server: LocalServer, bedrock: Any, create: Create
) -> None:
    """ "Amazon Bedrock generates an output JSONL file for each input JSONL file." and "{ "recordId" : "string",
    "modelInput": {JSON body}, "modelOutput": {JSON body} }" (User guide, batch-inference-results)
    """
    server.put("in/1.jsonl", records(3))
    server.put("in/2.jsonl", records(2, start=4))
    server.put("in/notes.txt", "no records")

    arn = create()
    job = ended(bedrock, arn)

    assert job["status"] == "Completed"
    folder = f"out/{job_id(arn)}"
    assert server.below("out/") == [f"{folder}/1.jsonl.out", f"{folder}/2.jsonl.out", f"{folder}/manifest.json.out"]
    for line in output(server, arn) + output(server, arn, "2.jsonl"):
        number = int(line["recordId"][1:])
        assert line["modelInput"] == {"inputText": "x" * number}
        assert line["modelOutput"]["embedding"].index(1.0) == number


def test_output_is_what_invoke_model_answers(
    server: LocalServer, bedrock: Any, bedrock_runtime: Any, create: Create
) -> None:
    """ "For InvokeModel jobs, the format matches the body field in the InvokeModel response" (User guide,
    batch-inference-results) Promise 31: the vectors are the same.
    """
    server.put("in/1.jsonl", records(3))
    arn = create()
    ended(bedrock, arn)
    for line in output(server, arn):
        now = bedrock_runtime.invoke_model(modelId=TITAN, body=json.dumps(line["modelInput"]))["body"].read()
        assert line["modelOutput"] == json.loads(now)


def test_converse_jobs_take_and_give_what_converse_does(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "If you use the Converse type, the format must match the request body of the Converse API." and "For Converse
    jobs, the format matches the response body of the Converse API." (User guide, batch-inference-data and
    batch-inference-results)
    """
    message = {"role": "user", "content": [{"text": "one two three"}]}
    asked = {"messages": [message], "inferenceConfig": {"maxTokens": 2}}
    server.put("in/1.jsonl", json.dumps({"recordId": "r1", "modelInput": asked}))

    arn = create(model=NOVA, modelInvocationType="Converse")
    job = ended(bedrock, arn)

    [line] = output(server, arn)
    assert line["modelOutput"]["output"]["message"]["content"] == [{"text": "one two"}]
    assert line["modelOutput"]["usage"] == {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}
    assert job["modelInvocationType"] == "Converse"
    assert job["modelId"].endswith(f"inference-profile/{NOVA}")
    assert manifest(server, arn)["outputTokenCount"] == 2


def test_lines_come_in_another_order(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "The order of records in the output JSONL file is not guaranteed to match the order of records in the input
    JSONL file." (User guide, batch-inference-data) Promise 33: shuffled output.
    """
    server.put("in/1.jsonl", records(30))
    arn = create()
    ended(bedrock, arn)
    found = [line["recordId"] for line in output(server, arn)]
    in_order = [f"r{number}" for number in range(1, 31)]
    assert found != in_order
    assert sorted(found) == sorted(in_order)


def test_a_record_that_cannot_be_answered_has_an_error_in_place_of_its_output(
    server: LocalServer, bedrock: Any, create: Create
) -> None:
    """ "An error object replaces the modelOutput field in any line where there was an error in inference." with
    "errorCode" and "errorMessage". (User guide, batch-inference-results) "Note that validation doesn't check if the
    modelInput value matches the request body for the model." (API reference, status) Promise 33: per-line errors.
    """
    bad = {"recordId": "bad", "modelInput": {"text": "in the wrong member"}}
    server.put("in/1.jsonl", records(2) + json.dumps(bad) + "\n")

    arn = create()
    job = ended(bedrock, arn)

    [line] = [line for line in output(server, arn) if line["recordId"] == "bad"]
    assert "modelOutput" not in line
    assert line["error"]["errorCode"] == 400
    assert "inputText" in line["error"]["errorMessage"]
    assert job["status"] == "Completed"
    assert (job["totalRecordCount"], job["successRecordCount"], job["errorRecordCount"]) == (3, 2, 1)


def test_a_record_without_an_id_gets_one(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "If you omit the recordId field, Amazon Bedrock adds it in the output." (User guide, batch-inference-data)"""
    server.put("in/1.jsonl", json.dumps({"modelInput": {"inputText": "x"}}))
    arn = create()
    ended(bedrock, arn)
    assert len(output(server, arn)[0]["recordId"]) == 11


def test_the_manifest_counts_records_and_tokens(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "A manifest.json.out file containing a summary of the batch inference job." with totalRecordCount,
    processedRecordCount, successRecordCount, errorRecordCount, inputTokenCount and outputTokenCount. (User guide,
    batch-inference-results)
    """
    server.put("in/1.jsonl", records(3))
    arn = create()
    ended(bedrock, arn)
    assert manifest(server, arn) == {
        "totalRecordCount": 3,
        "processedRecordCount": 3,
        "successRecordCount": 3,
        "errorRecordCount": 0,
        "inputTokenCount": 3,
        "outputTokenCount": 0,
    }


def test_one_file_may_be_named_instead_of_a_folder(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "s3Uri: The S3 location of the input data." and "Your JSONL file must end in the extension .jsonl" (API
    reference and user guide, batch-inference-data)
    """
    server.put("in/1.jsonl", records(1))
    server.put("in/2.jsonl", records(1))
    arn = create("s3://work/in/2.jsonl")
    ended(bedrock, arn)
    assert server.below("out/") == [f"out/{job_id(arn)}/2.jsonl.out", f"out/{job_id(arn)}/manifest.json.out"]
    assert ended(bedrock, create("s3://work/in/none.jsonl"))["status"] == "Failed"


@pytest.mark.parametrize(("count", "status"), [(99, "Failed"), (100, "Completed")])
def test_a_job_has_a_least_number_of_records(
    server: LocalServer, bedrock: Any, create: Create, count: int, status: str
) -> None:
    """ "Minimum number of records per batch inference job - The minimum number of records (JSON objects) across JSONL
    files in the job." (User guide, batch-inference-data; 100 by default for most models)
    """
    server.behave("bedrock")
    server.put("in/1.jsonl", records(50))
    server.put("in/2.jsonl", records(count - 50))

    arn = create()
    job = ended(bedrock, arn)

    assert job["status"] == status
    if status == "Failed":
        assert job["message"].endswith("contains less records (99) than the required minimum of: 100")
        assert server.below("out/") == []


def test_a_job_has_a_largest_number_of_records(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "Records per batch inference job - The maximum number of records (JSON objects) across JSONL files in the job."
    (User guide, batch-inference-data)
    """
    server.behave("bedrock", least_records=1, most_records=2)
    server.put("in/1.jsonl", records(3))
    assert ended(bedrock, create())["status"] == "Failed"


def test_a_line_that_is_no_record_fails_the_job(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "Validating - This job is being validated for the requirements … Your files are .jsonl files and each individual
    record is a JSON object in the correct format." (API reference, GetModelInvocationJob)
    """
    server.put("in/1.jsonl", records(2) + "not JSON\n")
    job = ended(bedrock, create())
    assert (job["status"], job["message"]) == ("Failed", "Line 3 of 1.jsonl is no JSON object with a modelInput.")


def test_every_change_of_status_is_an_event(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "Amazon Bedrock publishes your events via Amazon EventBridge whenever there is a change in the state of a job
    that you submit." with detail-type "Batch Inference Job State Change". (User guide,
    monitoring-eventbridge-how-it-works)
    """
    server.put("in/1.jsonl", records(1))
    arn = create(jobName="the-job")

    assert statuses(server) == ["Submitted", "Validating", "Scheduled", "InProgress", "Completed"]
    source, detail_type, resource, detail = server.bus.events[-1]
    assert (source, detail_type, resource) == ("aws.bedrock", "Batch Inference Job State Change", arn)
    assert detail.pop("creationTime")
    assert detail == {
        "version": "0.0",
        "accountId": "000000000000",
        "batchJobName": "the-job",
        "batchJobArn": arn,
        "batchModelId": f"arn:aws:bedrock:us-east-1::foundation-model/{TITAN}",
        "status": "Completed",
        "failureMessage": "",
    }


def test_a_token_that_is_known_starts_no_second_job(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "A unique, case-sensitive identifier to ensure that the API request completes no more than one time. If this
    token matches a previous request, Amazon Bedrock ignores the request, but does not return an error." (API reference,
    clientRequestToken)
    """
    server.put("in/1.jsonl", records(1))
    first = create(clientRequestToken="token-1")
    assert create(clientRequestToken="token-1") == first
    assert create(clientRequestToken="token-1", jobName="another-name") == first
    assert create(clientRequestToken="token-2") != first
    assert len(bedrock.list_model_invocation_jobs()["invocationJobSummaries"]) == 2


def test_a_job_that_does_not_begin_in_time_expires(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "Expired - This job timed out because it was scheduled but didn't begin before the set timeout duration." (API
    reference, GetModelInvocationJob) Promise 33.
    """
    server.behave("bedrock", least_records=1, queue_seconds=30, limits_faster=24 * 3600 * 4)
    server.put("in/1.jsonl", records(1))
    arn = create(timeoutDurationInHours=24)
    assert ended(bedrock, arn)["status"] == "Expired"
    assert server.below("out/") == []


def test_a_job_that_does_not_end_in_time_is_partially_completed(
    server: LocalServer, bedrock: Any, create: Create
) -> None:
    """ "PartiallyCompleted - This job has partially completed. Not all of your records could be processed in time. View
    the output files in the output S3 location." (API reference, GetModelInvocationJob) Promise 33.
    """
    server.behave("bedrock", least_records=1, job_seconds=4, limits_faster=24 * 3600)
    server.put("in/1.jsonl", records(40))

    arn = create(timeoutDurationInHours=24)  # one second: about ten records
    job = ended(bedrock, arn)

    assert job["status"] == "PartiallyCompleted"
    assert 0 < job["processedRecordCount"] < 40
    assert len(output(server, arn)) == job["processedRecordCount"] == manifest(server, arn)["processedRecordCount"]
    assert manifest(server, arn)["totalRecordCount"] == 40


def test_a_job_can_be_stopped_until_it_has_ended(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "Stops a batch inference job. You're only charged for tokens that were already processed." (API reference,
    StopModelInvocationJob; statuses "Stopping - This job is being stopped by a user.", "Stopped - This job was stopped
    by a user.")
    """
    server.behave("bedrock", least_records=1, job_seconds=60)
    server.put("in/1.jsonl", records(600))
    arn = create()
    processed = "processedRecordCount"
    eventually(lambda: bedrock.get_model_invocation_job(jobIdentifier=arn)[processed] or None)

    bedrock.stop_model_invocation_job(jobIdentifier=arn)
    job = ended(bedrock, arn)

    assert job["status"] == "Stopped"
    assert 0 < len(output(server, arn)) == job[processed] < 600
    assert statuses(server)[-2:] == ["Stopping", "Stopped"]
    assert code(bedrock.stop_model_invocation_job, jobIdentifier=arn) == "ConflictException"


def test_a_job_is_found_by_arn_and_by_id(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "provide the ID or ARN of the job in the jobIdentifier field." (User guide, batch-inference-monitor)"""
    server.put("in/1.jsonl", records(1))
    arn = create()
    assert bedrock.get_model_invocation_job(jobIdentifier=job_id(arn))["jobArn"] == arn
    assert code(bedrock.get_model_invocation_job, jobIdentifier="abcdefghwxyz") == "ResourceNotFoundException"


def test_jobs_are_listed_and_filtered(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "If there are more results than the number that you specify, a nextToken value is returned." with the filters
    statusEquals, nameContains, submitTimeAfter and submitTimeBefore. (API reference, ListModelInvocationJobs)
    """
    server.put("in/1.jsonl", records(1))
    for number in range(3):
        ended(bedrock, create(jobName=f"job-{number}"))
    listed = bedrock.list_model_invocation_jobs

    pages = bedrock.get_paginator("list_model_invocation_jobs").paginate(PaginationConfig={"PageSize": 2})
    names = [job["jobName"] for page in pages for job in page["invocationJobSummaries"]]
    submitted = listed(nameContains="-1")["invocationJobSummaries"][0]["submitTime"]

    assert names == ["job-2", "job-1", "job-0"]
    assert listed(statusEquals="Failed")["invocationJobSummaries"] == []
    assert len(listed(submitTimeAfter=submitted)["invocationJobSummaries"]) >= 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"uri": "s3://work/Bücher/"},
        {"jobName": "a job"},
        {"timeoutDurationInHours": 169},
        {"model": "nobody.model-v1"},
        {"model": "cohere.embed-english-v3"},
        {"modelInvocationType": "Converse"},
    ],
    ids=lambda wrong: " ".join(map(str, *wrong.items())),
)
def test_a_request_that_cannot_be_is_refused(create: Create, wrong: dict[str, Any]) -> None:
    """Patterns of s3Uri and jobName, "Valid Range: Minimum value of 24. Maximum value of 168." (API reference,
    CreateModelInvocationJob), and the models of "Supported Regions and models for batch inference" (user guide).
    """
    assert code(create, **wrong) == "ValidationException"


def test_a_quota_of_jobs(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "ServiceQuotaExceededException: The number of requests exceeds the service quota. Resubmit your request later."
    (API reference, CreateModelInvocationJob)
    """
    server.behave("bedrock", least_records=1, queue_seconds=60, jobs_at_once=1)
    server.put("in/1.jsonl", records(1))
    arn = create()
    assert code(create) == "ServiceQuotaExceededException"
    bedrock.stop_model_invocation_job(jobIdentifier=arn)
    assert ended(bedrock, arn)["status"] == "Stopped"
    create()


def test_a_job_goes_on_after_a_restart(server: LocalServer, bedrock: Any, create: Create) -> None:
    """ "Scheduled - This job has been validated and is now in a queue. The job will automatically start when it reaches
    its turn." (API reference, GetModelInvocationJob): whoever is restarted, and what was answered stays answered.
    """
    server.behave("bedrock", least_records=1, job_seconds=60)
    server.put("in/1.jsonl", records(1))
    server.put("in/2.jsonl", records(30))
    arn = create()
    eventually(lambda: bedrock.get_model_invocation_job(jobIdentifier=arn)["processedRecordCount"] or None)

    server.stop()
    server.start()
    server.behave("bedrock")

    job = ended(bedrock, arn)
    assert (job["status"], job["successRecordCount"]) == ("Completed", 31)
    assert len(output(server, arn, "2.jsonl")) == 30
    assert [detail["status"] for *_, detail in server.bus.events].count("InProgress") == 1
