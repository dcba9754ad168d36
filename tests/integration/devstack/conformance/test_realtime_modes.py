"""Serverless and multi-model endpoints: each test quotes the sentence of AWS's documentation that it follows."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.devstack.conformance.hosted import TEXTS, Hosted
from tests.integration.devstack.conformance.local_server import eventually

MODELS = {"ModelDataUrl": "s3://work/models/", "Mode": "MultiModel"}


def ask(hosted: Hosted, endpoint: str, body: bytes | None = None, **more: Any) -> bytes:
    content = json.dumps(TEXTS).encode() if body is None else body
    answer: bytes = hosted.runtime.invoke_endpoint(EndpointName=endpoint, Body=content, **more)["Body"].read()
    return answer


def seconds(hosted: Hosted, endpoint: str, **more: Any) -> float:
    began = time.monotonic()
    ask(hosted, endpoint, **more)
    return time.monotonic() - began


def several_models(hosted: Hosted) -> str:
    for name in ("en", "de", "fr"):
        hosted.server.put(f"models/{name}.tar.gz", b"archive")
    return hosted.on_instances("several", image="huggingface-pytorch-inference:2.6", **MODELS)


def test_a_serverless_endpoint_throttles_beyond_its_concurrency(hosted: Hosted) -> None:
    """ "The maximum concurrency for an individual endpoint prevents that endpoint from taking up all of the invocations
    allowed for your account, and any endpoint invocations beyond the maximum are throttled." (Developer guide,
    serverless-endpoints)
    """
    hosted.serverless(most=2)
    hosted.server.behave("sagemaker", cold_start_seconds=1)

    def outcome(_: int) -> str:
        try:
            ask(hosted, "serverless")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "answered"

    with ThreadPoolExecutor(5) as pool:
        outcomes = sorted(pool.map(outcome, range(5)))

    assert outcomes == ["ThrottlingException"] * 3 + ["answered"] * 2
    assert outcome(0) == "answered"


def test_a_serverless_endpoint_starts_cold_after_a_pause_and_then_stays_warm(hosted: Hosted) -> None:
    """ "If your endpoint does not receive traffic for a while and then your endpoint suddenly receives new requests, it
    can take some time for your endpoint to spin up the compute resources to process the requests. This is called a
    cold start." (Developer guide, serverless-endpoints)
    """
    hosted.serverless()
    hosted.server.behave("sagemaker", cold_start_seconds=0.3, idle_seconds=1)

    assert seconds(hosted, "serverless") >= 0.3
    ask(hosted, "serverless")
    assert hosted.server.counts("sagemaker")["cold_starts"] == 1
    time.sleep(1.1)
    assert seconds(hosted, "serverless") >= 0.3
    assert hosted.server.counts("sagemaker")["cold_starts"] == 2


def test_more_at_once_than_before_is_a_cold_start(hosted: Hosted) -> None:
    """ "A cold start can also occur if your concurrent requests exceed the current concurrent request usage."
    (Developer guide, serverless-endpoints)
    """
    hosted.serverless(most=2)
    hosted.server.behave("sagemaker", cold_start_seconds=1.5)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, hosted, "serverless")
        eventually(lambda: hosted.server.counts("sagemaker")["cold_starts"] == 1 or None)
        ask(hosted, "serverless")  # while the first one waits
        first.result()

    ask(hosted, "serverless")
    assert hosted.server.counts("sagemaker")["cold_starts"] == 2


def test_provisioned_concurrency_does_not_start_cold(hosted: Hosted) -> None:
    """ "The amount of provisioned concurrency to allocate for the serverless endpoint." (API reference,
    ProvisionedConcurrency)
    """
    hosted.serverless(most=2, ProvisionedConcurrency=1)
    ask(hosted, "serverless")
    assert hosted.server.counts("sagemaker")["cold_starts"] == 0


def test_a_serverless_payload_has_four_megabytes_at_most(hosted: Hosted) -> None:
    """ "The maximum request and response payload size for serverless invocations is 4 MB." (Developer guide,
    serverless-endpoints-invoke) Real-time endpoints take 6.
    """
    hosted.serverless()
    hosted.endpoint("now", "bge", {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1})
    large = json.dumps(TEXTS).encode() + b" " * (4 * 1024 * 1024)

    with pytest.raises(hosted.runtime.exceptions.ValidationError, match="has oversize body"):
        ask(hosted, "serverless", large)
    assert ask(hosted, "now", large).startswith(b"[[")


def test_a_multi_model_endpoint_is_told_the_model(hosted: Hosted) -> None:
    """ "Pass a new TargetModel parameter that specifies which of the models at the endpoint to target." (Developer
    guide, invoke-multi-model-endpoint) Other endpoints have no such parameter.
    """
    several_models(hosted)
    hosted.endpoint("one", hosted.model("alone"), {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1})
    refused = hosted.runtime.exceptions.ValidationError

    assert ask(hosted, "several", TargetModel="en.tar.gz").startswith(b"[[")
    with pytest.raises(refused, match="TargetModel"):
        ask(hosted, "several")
    with pytest.raises(refused, match="TargetModel"):
        ask(hosted, "one", TargetModel="en.tar.gz")


def test_a_model_is_looked_for_below_the_prefix_of_the_endpoint(hosted: Hosted) -> None:
    """ "The SageMaker system constructs the absolute path of the model by combining the prefix that is provided as part
    of the CreateModel API call with the relative path of the model." and "To add a model, you upload it to the S3
    bucket and invoke it." (Developer guide, invoke-multi-model-endpoint and multi-model-endpoints)
    """
    several_models(hosted)
    with pytest.raises(hosted.runtime.exceptions.ValidationError, match="Failed to download model data"):
        ask(hosted, "several", TargetModel="it.tar.gz")

    hosted.server.put("models/it.tar.gz", b"archive")

    assert ask(hosted, "several", TargetModel="it.tar.gz").startswith(b"[[")


def test_the_first_request_for_a_model_loads_it(hosted: Hosted) -> None:
    """ "The first request against a given model takes longer because the model has to be downloaded from Amazon Simple
    Storage Service (Amazon S3) and loaded into memory. … Subsequent calls finish faster because there's no additional
    overhead after the model has loaded." (Developer guide, invoke-multi-model-endpoint)
    """
    several_models(hosted)
    hosted.server.behave("sagemaker", load_seconds=0.3)
    english = {"TargetModel": "en.tar.gz"}
    assert seconds(hosted, "several", **english) >= 0.3
    ask(hosted, "several", **english)
    assert hosted.server.counts("sagemaker")["model_loads"] == 1
    assert seconds(hosted, "several", TargetModel="de.tar.gz") >= 0.3


def test_a_model_that_loads_too_long_is_not_ready_and_loads_on(hosted: Hosted) -> None:
    """ "If the model does not finish loading before the 60 second timeout limit, the request to invoke_endpoint returns
    with the error code ModelNotReadyException, and the model continues to download and load into the inference
    container for up to 360 seconds." (Developer guide, invoke-multi-model-endpoint)
    """
    several_models(hosted)
    hosted.server.behave("sagemaker", load_seconds=0.5, limits_faster=200)  # 60 seconds are 0.3

    with pytest.raises(hosted.runtime.exceptions.ModelNotReadyException) as caught:
        ask(hosted, "several", TargetModel="en.tar.gz")

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert ask(hosted, "several", TargetModel="en.tar.gz").startswith(b"[[")
    assert hosted.server.counts("sagemaker")["model_loads"] == 1


def test_a_model_that_is_not_asked_makes_room(hosted: Hosted) -> None:
    """ "When an instance's memory utilization is high and SageMaker needs to load another model into memory, it unloads
    unused models from that instance's container to ensure that there is enough memory to load the model." (Developer
    guide, multi-model-endpoints)
    """
    several_models(hosted)
    hosted.server.behave("sagemaker", models_in_memory=2)
    for name in ("en", "de", "en", "fr", "en", "de"):
        ask(hosted, "several", TargetModel=f"{name}.tar.gz")
    assert hosted.server.counts("sagemaker")["model_loads"] == 4  # en, de, fr, and de again


def test_a_container_s_refusal_keeps_its_status_and_words(hosted: Hosted) -> None:
    """ "ModelError: Model (owned by the customer in the container) returned 4xx or 5xx error code." HTTP status 424,
    with OriginalStatusCode and OriginalMessage. (API reference, InvokeEndpoint)
    """
    hosted.on_instances()
    with pytest.raises(hosted.runtime.exceptions.ModelError) as caught:
        ask(hosted, "embedding", b'{"inputs": []}')
    assert caught.value.response["OriginalStatusCode"] == 422
    assert "inputs" in json.loads(caught.value.response["OriginalMessage"])["error"]


def test_an_unknown_endpoint_is_a_validation_error(hosted: Hosted) -> None:
    """ "ValidationError: Inspect your request and try again." (API reference, InvokeEndpoint)"""
    with pytest.raises(hosted.runtime.exceptions.ValidationError, match="not found"):
        ask(hosted, "nobody")
