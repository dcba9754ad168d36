"""Model packages of JumpStart's ids, against the shapes of SageMaker's API."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from models.jumpstart import JumpStartError, Parameters, container_of, make_package

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/djl-inference:0.28.0-lmi10.0.0-cu124"
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/docqa-some-model/1"
# As the public hub describes an open-weights model, shortened.
DOCUMENT: dict[str, Any] = {
    "HostingEcrUri": IMAGE,
    "HostingArtifactUri": "s3://jumpstart-private-cache-prod-us-east-1/some-model/v1.1.0/",
    "HostingArtifactS3DataType": "S3Prefix",
    "HostingArtifactCompressionType": "None",
    "HostingUseScriptUri": False,
    "HostingEulaUri": "s3://jumpstart-cache-prod-us-east-1/fmhMetadata/eula/someEula.txt",
    "GatedBucket": True,
    "InferenceEnvironmentVariables": [
        {"Name": "ENDPOINT_SERVER_TIMEOUT", "Type": "int", "Default": 3600, "RequiredForModelClass": True},
        {"Name": "SM_NUM_GPUS", "Type": "text", "Default": "1", "RequiredForModelClass": True},
        {"Name": "SAGEMAKER_CONTAINER_LOG_LEVEL", "Type": "text", "Default": "20", "RequiredForModelClass": False},
    ],
    "DefaultInferenceInstanceType": "ml.g5.12xlarge",
    "SupportedInferenceInstanceTypes": ["ml.g5.12xlarge", "ml.g6.12xlarge"],
    "HostingInstanceTypeVariants": {
        "Aliases": {"gpu_image": IMAGE.replace("0.28.0", "0.29.0")},
        "Variants": {
            "g6": {"Properties": {"ImageUri": "$gpu_image"}},
            "ml.g5.12xlarge": {"Properties": {"EnvironmentVariables": {"SM_NUM_GPUS": "4"}}},
        },
    },
}


def hub_content(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "HubContentName": "some-model",
        "HubContentArn": "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/some-model/1.2.0",
        "HubContentVersion": "1.2.0",
        "HubContentType": "Model",
        "DocumentSchemaVersion": "2.3.0",
        "HubName": "SageMakerPublicHub",
        "HubArn": "arn:aws:sagemaker:us-east-1:aws:hub/SageMakerPublicHub",
        "HubContentDocument": json.dumps(document),
        "HubContentStatus": "Available",
        "CreationTime": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    }


def stubbed() -> tuple[Any, Stubber]:
    client = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    return client, Stubber(client)


def test_a_package_holds_what_the_hub_says_about_the_model() -> None:
    client, stubber = stubbed()
    hub = {"HubName": "SageMakerPublicHub", "HubContentType": "Model", "HubContentName": "some-model"}
    stubber.add_response("describe_hub_content", hub_content(DOCUMENT), hub)
    stubber.add_client_error(
        "describe_model_package_group", "ValidationException", "ModelPackageGroup docqa-some-model does not exist."
    )
    group = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/docqa-some-model"
    stubber.add_response(
        "create_model_package_group", {"ModelPackageGroupArn": group}, {"ModelPackageGroupName": "docqa-some-model"}
    )
    stubber.add_response(
        "create_model_package",
        {"ModelPackageArn": PACKAGE},
        {
            "ModelPackageGroupName": "docqa-some-model",
            "ModelPackageDescription": "JumpStart model some-model 1.2.0 for ml.g5.12xlarge",
            "InferenceSpecification": {
                "Containers": [
                    {
                        "Image": IMAGE,
                        "ModelDataSource": {
                            "S3DataSource": {
                                "S3Uri": "s3://jumpstart-private-cache-prod-us-east-1/some-model/v1.1.0/",
                                "S3DataType": "S3Prefix",
                                "CompressionType": "None",
                                "ModelAccessConfig": {"AcceptEula": True},
                            }
                        },
                        "Environment": {"ENDPOINT_SERVER_TIMEOUT": "3600", "SM_NUM_GPUS": "4"},
                    }
                ],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
                "SupportedRealtimeInferenceInstanceTypes": ["ml.g5.12xlarge"],
            },
            "ModelApprovalStatus": "Approved",
        },
    )
    with stubber:
        assert make_package(client, "some-model", accept=True) == Parameters(PACKAGE, "ml.g5.12xlarge")
    stubber.assert_no_pending_responses()


def test_a_model_of_the_marketplace_has_a_package_already() -> None:
    client, stubber = stubbed()
    sold = {"DefaultInferenceInstanceType": "ml.g5.2xlarge", "HostingModelPackageArn": PACKAGE}
    asked = {"HubName": ANY, "HubContentType": "Model", "HubContentName": "some-model", "HubContentVersion": "1.2.0"}
    stubber.add_response("describe_hub_content", hub_content(sold), asked)
    with stubber:
        assert make_package(client, "some-model", version="1.2.0") == Parameters(PACKAGE, "ml.g5.2xlarge")
    stubber.assert_no_pending_responses()


def test_another_failure_of_the_registry_is_told() -> None:
    client, stubber = stubbed()
    stubber.add_response("describe_hub_content", hub_content(DOCUMENT))
    stubber.add_client_error("describe_model_package_group", "AccessDeniedException", "not authorized")
    with stubber, pytest.raises(client.exceptions.ClientError, match="not authorized"):
        make_package(client, "some-model", accept=True)


def test_a_model_runs_on_its_own_instances_only() -> None:
    client, stubber = stubbed()
    stubber.add_response("describe_hub_content", hub_content(DOCUMENT))
    with (
        stubber,
        pytest.raises(JumpStartError, match=r"runs on ml\.g5\.12xlarge, ml\.g6\.12xlarge, not on ml\.c5\.xlarge"),
    ):
        make_package(client, "some-model", instance_type="ml.c5.xlarge", accept=True)


def test_a_family_of_instances_may_have_an_image_of_its_own() -> None:
    container = container_of(DOCUMENT, "ml.g6.12xlarge", accept=True)
    assert container["Image"].endswith("djl-inference:0.29.0-lmi10.0.0-cu124")
    assert container["Environment"]["SM_NUM_GPUS"] == "1"


@pytest.mark.parametrize(
    ("changes", "accept", "sentence"),
    [
        ({}, False, "someEula.txt, and say --accept-licence"),
        ({"HostingUseScriptUri": True}, True, "choose a later version"),
        (
            {
                "InferenceEnvironmentVariables": [
                    {
                        "Name": "OPTION_SPECULATIVE_DRAFT_MODEL",
                        "Default": "/opt/ml/additional-model-data-sources/draft_model",
                        "RequiredForModelClass": True,
                    }
                ]
            },
            True,
            "speculative decoding",
        ),
        ({"HostingEcrUri": None}, True, "names no image for ml.g5.12xlarge"),
    ],
)
def test_what_a_package_cannot_hold_is_refused(changes: dict[str, Any], accept: bool, sentence: str) -> None:
    with pytest.raises(JumpStartError, match=sentence):
        container_of(DOCUMENT | changes, "ml.g5.12xlarge", accept=accept)


def test_a_free_model_needs_no_licence_and_its_artefact_is_an_archive() -> None:
    free = {**DOCUMENT, "GatedBucket": False, "HostingPrepackedArtifactUri": "s3://jumpstart-cache-prod/x.tar.gz"}
    del free["HostingArtifactS3DataType"], free["HostingArtifactCompressionType"]
    source = container_of(free, "ml.g5.12xlarge", accept=False)["ModelDataSource"]["S3DataSource"]
    assert source == {
        "S3Uri": "s3://jumpstart-cache-prod/x.tar.gz",
        "S3DataType": "S3Object",
        "CompressionType": "Gzip",
    }
