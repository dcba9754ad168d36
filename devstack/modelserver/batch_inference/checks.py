"""What Bedrock refuses of a batch job before it is one."""

from __future__ import annotations

import re
from typing import Any

from devstack.modelserver.aws_errors import validation_error
from devstack.modelserver.bedrock import embedding_family, is_chat

# Patterns of https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateModelInvocationJob.html
JOB_NAME = re.compile(r"(?=.{1,63}$)[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9+\-.]){0,63}")
TOKEN = re.compile(r"(?=.{1,256}$)[a-zA-Z0-9]{1,256}(-*[a-zA-Z0-9]){0,256}")
ROLE = re.compile(r"arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+")
_PART = r"[-!_*'().a-z0-9A-Z]+"
S3_URI = re.compile(rf"s3://[a-z0-9][-.a-z0-9]{{1,61}}[a-z0-9](?:/{_PART}(?:/{_PART})*)?/?")
HOURS = range(24, 169)
# Of the embedding models offered here, the only one of
# https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-supported.html
EMBEDDING_IN_BATCHES = "amazon.titan-embed-text-v2"
CONVERSE, INVOKE_MODEL = "Converse", "InvokeModel"


def check(request: dict[str, Any]) -> None:
    """Refuse a job that cannot be.

    Raises:
        AwsError: with the reason.
    """
    input_uri = (request.get("inputDataConfig") or {}).get("s3InputDataConfig", {}).get("s3Uri")
    output_uri = (request.get("outputDataConfig") or {}).get("s3OutputDataConfig", {}).get("s3Uri")
    for name, value, pattern in (
        ("jobName", request.get("jobName"), JOB_NAME),
        ("roleArn", request.get("roleArn"), ROLE),
        ("clientRequestToken", request.get("clientRequestToken", "none"), TOKEN),
        ("inputDataConfig.s3InputDataConfig.s3Uri", input_uri, S3_URI),
        ("outputDataConfig.s3OutputDataConfig.s3Uri", output_uri, S3_URI),
    ):
        if not pattern.fullmatch(str(value or "")):
            raise validation_error(f"Value '{value}' at '{name}' failed to satisfy constraint: {pattern.pattern}")
    if request.get("timeoutDurationInHours", HOURS.start) not in HOURS:
        raise validation_error(f"timeoutDurationInHours must be {HOURS.start} to {HOURS.stop - 1}.")
    _check_model(str(request.get("modelId", "")), request.get("modelInvocationType", INVOKE_MODEL))


def _check_model(model_id: str, invocation_type: str) -> None:
    family = embedding_family(model_id)
    if family is None and not is_chat(model_id):
        raise validation_error("The provided model identifier is invalid.")
    if family not in (None, EMBEDDING_IN_BATCHES):
        raise validation_error(f"Batch inference is not supported for the model {model_id}.")
    if family is not None and invocation_type == CONVERSE:
        raise validation_error(f"The model {model_id} does not support the model invocation type {CONVERSE}.")
    if family is None and invocation_type == INVOKE_MODEL:
        raise validation_error(
            "Chat models are offered with modelInvocationType Converse only by the local model server."
        )
