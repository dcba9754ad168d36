"""What can go wrong on AWS goes wrong here when it is asked for: by PUT /_control/…, or from the start on by a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.integration.devstack.conformance.hosted import ERROR, SUCCESS, TEXTS, Hosted
from tests.integration.devstack.conformance.local_server import LocalServer, eventually

TITAN = "amazon.titan-embed-text-v2:0"


def outcome(act: Any, **request: Any) -> str:
    """`answered`, or the error's code."""
    try:
        act(**request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "answered"


def job(server: LocalServer, bedrock: Any, records: int = 10) -> dict[str, Any]:
    """A batch job of so many records, once it is over."""
    record = json.dumps({"modelInput": {"inputText": "x"}}) + "\n"
    uri = server.put("in/1.jsonl", record * records)
    arn = bedrock.create_model_invocation_job(
        jobName="a-job",
        roleArn="arn:aws:iam::000000000000:role/batch",
        modelId=TITAN,
        inputDataConfig={"s3InputDataConfig": {"s3Uri": uri}},
        outputDataConfig={"s3OutputDataConfig": {"s3Uri": "s3://work/out"}},
    )["jobArn"]

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = bedrock.get_model_invocation_job(jobIdentifier=arn)
        return found if found.get("endTime") else None

    return eventually(look)


def test_notifications_come_twice(hosted: Hosted) -> None:
    """Promise 32, a duplicate notification."""
    hosted.asynchronous()
    hosted.server.behave("sagemaker", duplicate_notifications=1)
    hosted.ask_later(InferenceId="ticket-1")
    (one, first), (other, second) = hosted.notices(2)
    assert one == other == SUCCESS
    assert first == second


def test_notifications_get_lost_though_the_answer_is_there(hosted: Hosted) -> None:
    """Promise 32, no notification."""
    hosted.asynchronous()
    hosted.server.behave("sagemaker", lost_notifications=1)
    answer = hosted.ask_later()
    eventually(lambda: hosted.server.read(answer["OutputLocation"]))
    eventually(lambda: hosted.server.counts("sagemaker")["lost_notifications"] or None)
    assert hosted.server.topics.messages == []


def test_notifications_come_late_and_in_another_order(hosted: Hosted) -> None:
    """The first request's message comes after the second's."""
    hosted.asynchronous()
    hosted.server.behave("sagemaker", late_notifications=1, late_seconds=1.5)
    first = hosted.ask_later(InferenceId="first")
    eventually(lambda: hosted.server.read(first["OutputLocation"]))
    eventually(lambda: hosted.server.counts("sagemaker")["late_notifications"] or None)
    hosted.server.behave("sagemaker")
    hosted.ask_later(InferenceId="second")

    assert [message["inferenceId"] for _, message in hosted.notices(2)] == ["second", "first"]


def test_a_late_notification_survives_a_restart(hosted: Hosted) -> None:
    """What was not told yet is told by the next start."""
    hosted.asynchronous()
    hosted.server.behave("sagemaker", late_notifications=1, late_seconds=60)
    answer = hosted.ask_later(InferenceId="ticket-1")
    eventually(lambda: hosted.server.read(answer["OutputLocation"]))
    hosted.server.stop()
    hosted.server.start()
    [(_, message)] = hosted.notices()
    assert message["invocationStatus"] == "Completed"


def test_invocations_fail_in_the_model(hosted: Hosted) -> None:
    """Promise 32, a failure object."""
    hosted.asynchronous()
    hosted.server.behave("sagemaker", failed_share=1)
    answer = hosted.ask_later()
    [(topic, message)] = hosted.notices()
    assert (topic, message["invocationStatus"]) == (ERROR, "Failed")
    assert "Received server error (500) from model" in message["failureReason"]
    assert b"out of memory" in (hosted.server.read(answer["FailureLocation"]) or b"")


def test_an_answer_is_announced_and_not_there(hosted: Hosted) -> None:
    """Promise 33, a missing file; of a transform job, too."""
    hosted.asynchronous()
    hosted.server.put("in/1.jsonl", '{"inputs": ["a"]}\n')
    hosted.server.behave("sagemaker", missing_output_share=1)
    answer = hosted.ask_later()
    [(_, message)] = hosted.notices()
    described = hosted.ended(hosted.transform())
    assert message["invocationStatus"] == described["TransformJobStatus"] == "Completed"
    assert hosted.server.read(answer["OutputLocation"]) is None
    assert hosted.server.below("out/") == []


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_share_of_the_calls_is_throttled(hosted: Hosted, bedrock_runtime: Any, share: float) -> None:
    """Promise 30: the runtime's calls, and the same ones again with the same seed."""
    hosted.on_instances()
    body = json.dumps(TEXTS)

    def codes() -> list[str]:
        hosted.server.behave("sagemaker", throttled_share=share, seed=7)
        hosted.server.behave("bedrock", throttled_share=share, seed=8)
        return [
            code
            for _ in range(20)
            for code in (
                outcome(hosted.runtime.invoke_endpoint, EndpointName="embedding", Body=body),
                outcome(bedrock_runtime.invoke_model, modelId=TITAN, body='{"inputText": "x"}'),
            )
        ]

    first = codes()

    assert codes() == first
    assert set(first) <= {"answered", "ThrottlingException"}
    throttled = first.count("ThrottlingException")
    assert throttled == {0.0: 0, 1.0: 40}.get(share, throttled)
    assert share != 0.3 or 4 <= throttled <= 20
    counts = hosted.server.counts("sagemaker"), hosted.server.counts("bedrock")
    assert (counts[0]["invocations"], counts[1]["calls"]) == (20, 20)
    assert counts[0]["throttled"] + counts[1]["throttled"] == throttled


def test_starts_of_jobs_are_throttled_too(hosted: Hosted, bedrock: Any) -> None:
    """ThrottlingException of CreateTransformJob and CreateModelInvocationJob; nothing was started."""
    hosted.model()
    hosted.server.behave("sagemaker", throttled_share=1)
    hosted.server.behave("bedrock", throttled_share=1)
    assert outcome(hosted.transform) == "ThrottlingException"
    with pytest.raises(bedrock.exceptions.ThrottlingException):
        job(hosted.server, bedrock)
    assert bedrock.list_model_invocation_jobs()["invocationJobSummaries"] == []
    assert hosted.control.list_transform_jobs()["TransformJobSummaries"] == []


@pytest.mark.parametrize(
    ("fault", "status", "lines"),
    [
        ({"failed_share": 1}, "Failed", None),
        ({"expired_share": 1}, "Expired", None),
        ({"partial_share": 1}, "PartiallyCompleted", 5),
        ({"missing_output_share": 1}, "Completed", None),
        ({"failed_records_share": 1}, "Completed", 10),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_batch_jobs_end_badly(
    server: LocalServer, bedrock: Any, fault: dict[str, Any], status: str, lines: int | None
) -> None:
    """Promise 33: partly completed, expired, a missing file, and errors in place of outputs."""
    server.behave("bedrock", least_records=1, **fault)
    found = job(server, bedrock)
    output = server.read(f"s3://work/out/{found['jobArn'].rpartition('/')[2]}/1.jsonl.out")
    assert found["status"] == status
    assert lines == (None if output is None else output.count(b"\n"))
    if "failed_records_share" in fault:
        assert found["errorRecordCount"] == 10
        assert output is not None
        assert json.loads(output.splitlines()[0])["error"]["errorCode"] == 500


def test_events_of_jobs_come_twice_and_get_lost(server: LocalServer, bedrock: Any) -> None:
    """ "Delivery type: Best effort" (EventBridge user guide, events-ref-bedrock)"""
    server.behave("bedrock", least_records=1, duplicate_notifications=1)
    job(server, bedrock)
    eventually(lambda: len(server.bus.events) >= 10 or None)
    assert len(server.bus.events) == 10  # five statuses

    server.bus.events.clear()
    server.behave("bedrock", least_records=1, lost_notifications=1)
    job(server, bedrock)
    eventually(lambda: server.counts("bedrock")["lost_notifications"] == 5 or None)
    assert server.bus.events == []


def test_jobs_take_as_long_as_they_are_told(server: LocalServer, bedrock: Any) -> None:
    """A job of `queue_seconds` and `job_seconds` ends no sooner."""
    server.behave("bedrock", least_records=1, queue_seconds=0.4, job_seconds=0.4)
    found = job(server, bedrock)
    assert (found["endTime"] - found["submitTime"]).total_seconds() >= 0.79


def test_a_behaviour_may_hold_from_the_start_on(server: LocalServer, bedrock_runtime: Any, tmp_path: Path) -> None:
    """A PUT of nothing goes back to it."""
    file = tmp_path / "behaviour.json"
    file.write_text(json.dumps({"bedrock": {"throttled_share": 1}}))
    ask = {"modelId": TITAN, "body": '{"inputText": "x"}'}

    server.stop()
    server.start(file)

    assert outcome(bedrock_runtime.invoke_model, **ask) == "ThrottlingException"
    server.behave("bedrock", throttled_share=0)
    assert outcome(bedrock_runtime.invoke_model, **ask) == "answered"
    server.behave("bedrock")
    assert outcome(bedrock_runtime.invoke_model, **ask) == "ThrottlingException"


@pytest.mark.parametrize("wrong", [{"failed_share": 2}, {"speed": 1}, {"limits_faster": 0}, []])
@pytest.mark.parametrize("service", ["sagemaker", "bedrock"])
def test_settings_that_make_no_sense_are_refused(server: LocalServer, service: str, wrong: object) -> None:
    """They change nothing."""
    before = server.counts(service)
    answer = httpx.put(f"{server.url}/_control/{service}", json=wrong, trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert server.counts(service) == before
