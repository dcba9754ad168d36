"""InvokeEndpointAsync: each test quotes the sentence of AWS's documentation that it holds the server to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.devstack.conformance.hosted import ERROR, SUCCESS, TEXTS, Hosted
from tests.integration.devstack.conformance.local_server import LocalServer, eventually


def written(server: LocalServer, address: str) -> bytes:
    return eventually(lambda: server.read(address))


def test_the_answer_says_where_the_result_will_be(hosted: Hosted) -> None:
    """ "The response from this API will not contain the result of the inference request but contain information about
    where you can locate it." (API reference, InvokeEndpointAsync; its HTTP status is 202.)
    """
    hosted.asynchronous()

    answer = hosted.ask_later(InferenceId="ticket-1")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["InferenceId"] == "ticket-1"
    assert answer["OutputLocation"].startswith("s3://work/answers/")
    assert answer["FailureLocation"].startswith("s3://work/failures/")


def test_an_inference_id_is_made_up(hosted: Hosted) -> None:
    """ "Amazon SageMaker AI will generate an identifier for you if none is specified." (API reference, InferenceId)"""
    hosted.asynchronous()
    assert len({hosted.ask_later()["InferenceId"] for _ in range(3)}) == 3


def test_the_result_is_what_the_same_container_answers_in_real_time(hosted: Hosted) -> None:
    """ "You can use the same container for Asynchronous Inference that you do for Real-Time Inference or Batch
    Transform." (Developer guide, async-inference-troubleshooting) Promise 31: the vectors are the same.
    """
    hosted.asynchronous()
    hosted.endpoint("now", "bge", {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1})

    now = hosted.runtime.invoke_endpoint(EndpointName="now", Body=json.dumps(TEXTS))["Body"].read()

    assert written(hosted.server, hosted.ask_later()["OutputLocation"]) == now


def test_success_is_told_on_the_success_topic(hosted: Hosted) -> None:
    """ "Amazon SNS topic to post a notification to when inference completes successfully." (API reference,
    AsyncInferenceNotificationConfig; the members are those of messages of real endpoints.)
    """
    hosted.asynchronous()
    answer = hosted.ask_later(InferenceId="ticket-1", Accept="application/json")

    [(topic, message)] = hosted.notices()

    assert topic == SUCCESS
    assert message.pop("eventTime") >= message.pop("receivedTime")
    assert message == {
        "awsRegion": "us-east-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "accept": "application/json",
            "contentType": "application/json",
            "endpointName": "later",
            "inputLocation": "s3://work/requests/one.json",
        },
        "responseParameters": {"contentType": "application/json", "outputLocation": answer["OutputLocation"]},
        "inferenceId": "ticket-1",
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }


def test_a_refusal_of_the_container_becomes_a_failure_object_and_a_message(hosted: Hosted) -> None:
    """ "S3FailurePath: The Amazon S3 location to upload failure inference responses to." and "SageMaker AI simply
    returns the response from the ModelContainer and does not retry." (API reference, AsyncInferenceOutputConfig;
    developer guide, async-inference-troubleshooting)
    """
    hosted.asynchronous()
    answer = hosted.ask_later({"inputs": []}, InferenceId="ticket-1")

    [(topic, message)] = hosted.notices()

    assert "inputs" in json.loads(written(hosted.server, answer["FailureLocation"]))["error"]
    assert hosted.server.read(answer["OutputLocation"]) is None
    assert (topic, message["invocationStatus"], message["inferenceId"]) == (ERROR, "Failed", "ticket-1")
    assert message["responseParameters"] == {"failureLocation": answer["FailureLocation"]}
    assert message["failureReason"] == (
        "ClientError: Received client error (422) from model. "
        "See the SageMaker Endpoint logs in your account for more information."
    )


def test_without_a_failure_path_and_topics_a_failure_is_silent(hosted: Hosted) -> None:
    """ "If no topic is provided, no notification is sent on failure." (API reference,
    AsyncInferenceNotificationConfig)
    """
    hosted.asynchronous(topics=False, failures=False)

    refused = hosted.ask_later({"inputs": []})
    answered = hosted.ask_later()

    written(hosted.server, answered["OutputLocation"])
    assert "FailureLocation" not in refused
    assert hosted.server.below("failures/") == []
    assert hosted.server.topics.messages == []


def test_the_request_is_read_when_its_turn_comes(hosted: Hosted) -> None:
    """ "InputLocation: The Amazon S3 URI where the inference request payload is stored." (API reference) and
    "Inference requests sent to this API are enqueued for asynchronous processing.": one that is not there any more
    fails then, and not in the call.
    """
    hosted.asynchronous()
    hosted.server.behave("sagemaker", queue_seconds=0.3)
    answer = hosted.ask_later()
    hosted.server.objects.contents.clear()

    [(topic, message)] = hosted.notices()

    assert (topic, message["invocationStatus"]) == (ERROR, "Failed")
    assert "Unable to read the input" in message["failureReason"]
    assert b"Unable to read the input" in written(hosted.server, answer["FailureLocation"])


def test_a_request_that_waits_too_long_expires(hosted: Hosted) -> None:
    """ "Maximum age in seconds a request can be in the queue before it is marked as expired. The default is 6 hours,
    or 21,600 seconds." (API reference, RequestTTLSeconds) Promise 32: nothing is written, one message comes.
    """
    hosted.asynchronous()
    hosted.server.behave("sagemaker", queue_seconds=30, limits_faster=120)
    answer = hosted.ask_later(InferenceId="ticket-1", RequestTTLSeconds=60)

    [(topic, message)] = hosted.notices()

    assert (topic, message["invocationStatus"], message["inferenceId"]) == (ERROR, "Expired", "ticket-1")
    assert "responseParameters" not in message
    assert hosted.server.read(answer["OutputLocation"]) is None
    assert hosted.server.read(answer["FailureLocation"]) is None
    assert hosted.server.counts("sagemaker")["expired_requests"] == 1


def test_a_model_that_takes_too_long_is_not_waited_for(hosted: Hosted) -> None:
    """ "Maximum amount of time in seconds a request can be processed before it is marked as expired. The default is
    15 minutes, or 900 seconds." (API reference, InvocationTimeoutSeconds)
    """
    hosted.asynchronous()
    hosted.server.behave("sagemaker", invocation_seconds=3, limits_faster=10)
    answer = hosted.ask_later(InvocationTimeoutSeconds=2)

    [(topic, message)] = hosted.notices()

    assert (topic, message["invocationStatus"]) == (ERROR, "Expired")
    assert hosted.server.read(answer["OutputLocation"]) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"RequestTTLSeconds": 21_601},
        {"InvocationTimeoutSeconds": 3_601},
        {"Filename": "two.dots.out"},
        {"S3OutputPathExtension": "a b"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_limits_of_the_members_hold(hosted: Hosted, wrong: dict[str, Any]) -> None:
    """RequestTTLSeconds: "Valid Range: Minimum value of 60. Maximum value of 21600." InvocationTimeoutSeconds:
    "Minimum value of 1. Maximum value of 3600."; patterns of Filename and S3OutputPathExtension. (API reference)
    """
    hosted.asynchronous()
    with pytest.raises(hosted.runtime.exceptions.ValidationError):
        hosted.ask_later(**wrong)


def test_a_small_request_may_come_with_the_call(hosted: Hosted) -> None:
    """ "Body and InputLocation are mutually exclusive. Provide exactly one of them." and "The inline payload can be up
    to 128,000 bytes." (API reference, Body)
    """
    hosted.asynchronous()
    invoke, refused = hosted.runtime.invoke_endpoint_async, hosted.runtime.exceptions.ValidationError

    answer = invoke(EndpointName="later", Body=json.dumps(TEXTS))

    assert written(hosted.server, answer["OutputLocation"]).startswith(b"[[")
    with pytest.raises(refused):
        invoke(EndpointName="later")
    with pytest.raises(refused):
        invoke(EndpointName="later", Body=b"{}", InputLocation="s3://work/one")
    with pytest.raises((refused, ClientError)):
        invoke(EndpointName="later", Body=b"x" * 128_001)


def test_the_caller_may_choose_the_name_of_the_result(hosted: Hosted) -> None:
    """ "S3OutputPathExtension: The path extension that is appended to the Amazon S3 output path where the inference
    response payload is stored." and "Filename: The filename for the inference response payload stored in Amazon S3."
    (API reference)
    """
    hosted.asynchronous()
    answer = hosted.ask_later(S3OutputPathExtension="acme/job-1", Filename="000.out")
    assert answer["OutputLocation"] == "s3://work/answers/acme/job-1/000.out"
    written(hosted.server, answer["OutputLocation"])


def test_an_endpoint_is_asynchronous_or_it_is_not(hosted: Hosted) -> None:
    """ "The presence of an asynchronous inference configuration (AsyncInferenceConfig) object in the endpoint
    configuration implies that the endpoint can only receive asynchronous invocations." (Developer guide,
    async-inference) and "This is a required field in order for your Endpoint to be invoked using
    InvokeEndpointAsync." (API reference, AsyncInferenceConfig)
    """
    hosted.asynchronous()
    hosted.endpoint("now", "bge", {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1})

    with pytest.raises(hosted.runtime.exceptions.ValidationError, match="asynchronous"):
        hosted.runtime.invoke_endpoint(EndpointName="later", Body=json.dumps(TEXTS))
    with pytest.raises(hosted.runtime.exceptions.ValidationError, match="not configured"):
        hosted.ask_later(endpoint="now")


def test_an_endpoint_without_instances_wakes_with_a_request(hosted: Hosted) -> None:
    """ "Asynchronous Inference provides a mechanism to scale down to zero instances when there are no requests." and
    "You can use the SageMaker AI DescribeEndpoint API to describe the number of instances behind the endpoint at any
    given point in time." (Developer guide, async-inference-troubleshooting)
    """
    hosted.asynchronous()
    hosted.server.behave("sagemaker", idle_seconds=0.2, wake_seconds=0.5)

    def instances() -> int:
        (variant,) = hosted.control.describe_endpoint(EndpointName="later")["ProductionVariants"]
        return int(variant["CurrentInstanceCount"])

    eventually(lambda: instances() == 0 or None)
    answer = hosted.ask_later()
    assert instances() == 0
    assert hosted.server.read(answer["OutputLocation"]) is None
    written(hosted.server, answer["OutputLocation"])
    assert hosted.server.counts("sagemaker")["wakes"] == 1


def test_the_same_inference_id_twice_is_two_requests(hosted: Hosted) -> None:
    """ "InferenceId: The identifier for the inference request." (API reference): nothing says that it makes a call
    idempotent, and it does not.
    """
    hosted.asynchronous()
    places = {hosted.ask_later(InferenceId="ticket-1")["OutputLocation"] for _ in range(2)}

    messages = hosted.notices(2)

    assert len(places) == 2
    assert {message["inferenceId"] for _, message in messages} == {"ticket-1"}


def test_requests_in_the_queue_survive_a_restart(hosted: Hosted) -> None:
    """ "Inference requests sent to this API are enqueued for asynchronous processing." (API reference): the queue is
    not in the memory of anybody.
    """
    hosted.asynchronous()
    hosted.server.behave("sagemaker", queue_seconds=60)
    answer = hosted.ask_later()

    hosted.server.stop()
    hosted.server.start()

    written(hosted.server, answer["OutputLocation"])
    assert len(hosted.notices()) == 1
