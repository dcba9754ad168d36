"""Models on the model server that answer later, declared as models/template.yaml declares them on AWS.

The emulator knows no SageMaker, so no stack can make them: this does it through the same API that CloudFormation calls.
"""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import ClientError

from devstack.services import REGION
from devstack.settings import DevstackSettings, Endpoints

# Its end says that Text Embeddings Inference answers.
MODEL = "docqa-embedding-tei"
ASYNC_ENDPOINT = "docqa-embedding-later-tei"
TOPICS = ("docqa-inference-answered", "docqa-inference-failed")
ROLE = "arn:aws:iam::000000000000:role/docqa-hosting"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/tei-cpu:2.0.1-tei1.8.2-cpu-py310-ubuntu22.04"


def make_topics(settings: DevstackSettings) -> tuple[str, str]:
    """The topics on which the asynchronous endpoint tells of answers and of failures, as ARNs; made once."""
    sns = _client("sns", Endpoints.of(settings).emulator_url)
    answered, failed = (str(sns.create_topic(Name=name)["TopicArn"]) for name in TOPICS)
    return answered, failed


def host_embeddings(settings: DevstackSettings, bucket: str, topics: tuple[str, str]) -> None:
    """The embedding model as MODEL for batch transform, and behind ASYNC_ENDPOINT; what is there already stays.

    Args:
        settings: the running one-machine cloud.
        bucket: the stack's WorkBucket, where answers are written.
        topics: of `make_topics`.
    """
    sagemaker = _client("sagemaker", Endpoints.of(settings).models_url)
    _once(sagemaker.create_model, ModelName=MODEL, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    answered, failed = topics
    output = {
        "S3OutputPath": f"s3://{bucket}",
        "S3FailurePath": f"s3://{bucket}",
        "NotificationConfig": {"SuccessTopic": answered, "ErrorTopic": failed},
    }
    # Names have 63 characters at most; another stack has another bucket, and then the endpoint another configuration.
    config = f"{ASYNC_ENDPOINT}-{bucket}"[:63].rstrip("-")
    variant = {"VariantName": "AllTraffic", "ModelName": MODEL, "InstanceType": "ml.m5.large"}
    _once(
        sagemaker.create_endpoint_config,
        EndpointConfigName=config,
        ProductionVariants=[variant | {"InitialInstanceCount": 1}],
        AsyncInferenceConfig={"OutputConfig": output},
    )
    _once(sagemaker.create_endpoint, EndpointName=ASYNC_ENDPOINT, EndpointConfigName=config)
    sagemaker.update_endpoint(EndpointName=ASYNC_ENDPOINT, EndpointConfigName=config)


def _once(create: Any, **request: Any) -> None:
    try:
        create(**request)
    except ClientError as error:
        if "already existing" not in error.response["Error"]["Message"]:
            raise


def _client(service: str, url: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]  # one function for all services
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
    )
