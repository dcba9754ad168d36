"""Models, endpoint configurations and endpoints, as far as they are needed to declare how an endpoint is asked."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.devstack.conformance.hosted import ROLE, Hosted
from tests.integration.devstack.conformance.local_server import IMAGES


def refused(act: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        act(**request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return str(caught.value.response["Error"]["Message"])


def test_an_endpoint_is_described_with_what_its_configuration_says(hosted: Hosted) -> None:
    """ "DescribeEndpoint: Returns the description of an endpoint." with "AsyncInferenceConfig: Returns the description
    of an endpoint configuration created using the CreateEndpointConfig API." (API reference)
    """
    hosted.asynchronous()

    described = hosted.control.describe_endpoint(EndpointName="later")
    hosted.control.get_waiter("endpoint_in_service").wait(EndpointName="later")

    assert described["EndpointStatus"] == "InService"
    assert described["EndpointArn"] == "arn:aws:sagemaker:us-east-1:000000000000:endpoint/later"
    assert described["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"] == "s3://work/answers"
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    config = hosted.control.describe_endpoint_config(EndpointConfigName="later-config")
    model = hosted.control.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    assert model["PrimaryContainer"]["Image"].endswith("tei-cpu:1.8")


def test_names_are_unique_and_what_is_named_must_be_there(hosted: Hosted) -> None:
    """ "EndpointName: The name of the endpoint. The name must be unique within an Amazon Web Services Region in your
    Amazon Web Services account." (API reference, CreateEndpoint)
    """
    hosted.asynchronous()
    control = hosted.control
    container = {"Image": f"{IMAGES}/tei-cpu:1.8"}

    assert "already existing model" in refused(
        control.create_model, ModelName="bge", ExecutionRoleArn=ROLE, PrimaryContainer=container
    )
    assert "already existing endpoint" in refused(
        control.create_endpoint, EndpointName="later", EndpointConfigName="later-config"
    )
    assert "Could not find endpoint configuration" in refused(
        control.create_endpoint, EndpointName="other", EndpointConfigName="nothing"
    )
    assert "Could not find model" in refused(control.describe_model, ModelName="nothing")
    assert "Could not find endpoint" in refused(control.describe_endpoint, EndpointName="nothing")


def test_serverless_excludes_asynchronous_and_several_models(hosted: Hosted) -> None:
    """Multi-model endpoints are among the features "not supported for Serverless Inference" (developer guide,
    serverless-endpoints, feature exclusions), and sizes are "1024 MB, 2048 MB, 3072 MB, 4096 MB, 5120 MB, or 6144 MB".
    """
    create, plain = hosted.control.create_endpoint_config, hosted.model()
    several = hosted.model("several", ModelDataUrl="s3://work/models/", Mode="MultiModel")

    def config(model: str, megabytes: int = 2048, **more: Any) -> str:
        serverless = {"MemorySizeInMB": megabytes, "MaxConcurrency": 1}
        variants = [{"VariantName": "one", "ModelName": model, "ServerlessConfig": serverless}]
        return refused(create, EndpointConfigName="config", ProductionVariants=variants, **more)

    assert "MemorySizeInMB" in config(plain, 1500)
    assert "Multi-model" in config(several)
    later = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://work/answers"}}}
    assert "Asynchronous" in config(plain, **later)


def test_several_models_need_a_prefix(hosted: Hosted) -> None:
    """ "ModelDataUrl … prefix": the endpoint's models lie below one prefix. (Developer guide,
    create-multi-model-endpoint)
    """
    container = {"Image": f"{IMAGES}/djl-inference:0.33", "Mode": "MultiModel", "ModelDataUrl": "s3://work/one.tar.gz"}
    assert "prefix" in refused(
        hosted.control.create_model, ModelName="several", ExecutionRoleArn=ROLE, PrimaryContainer=container
    )


def test_what_was_made_survives_a_restart_until_it_is_deleted(hosted: Hosted) -> None:
    """ "Deletes an endpoint. SageMaker frees up all of the resources that were deployed when the endpoint was created."
    (API reference, DeleteEndpoint): until then it is there.
    """
    hosted.asynchronous()
    hosted.server.stop()
    hosted.server.start()
    assert hosted.control.describe_endpoint(EndpointName="later")["EndpointStatus"] == "InService"

    hosted.control.delete_endpoint(EndpointName="later")
    hosted.control.delete_endpoint_config(EndpointConfigName="later-config")
    hosted.control.delete_model(ModelName="bge")

    assert "Could not find endpoint" in refused(hosted.control.describe_endpoint, EndpointName="later")


def test_an_endpoint_can_get_another_configuration(hosted: Hosted) -> None:
    """ "Deploys the EndpointConfig specified in the request to a new fleet of instances. SageMaker shifts endpoint
    traffic to the new instances with the updated endpoint configuration" (API reference, UpdateEndpoint)
    """
    hosted.on_instances("embedding")
    output = {"OutputConfig": {"S3OutputPath": "s3://work/answers"}}
    variants = [{"VariantName": "one", "ModelName": "bge", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]
    hosted.control.create_endpoint_config(
        EndpointConfigName="new", ProductionVariants=variants, AsyncInferenceConfig=output
    )

    hosted.control.update_endpoint(EndpointName="embedding", EndpointConfigName="new")

    assert hosted.ask_later(endpoint="embedding")["OutputLocation"].startswith("s3://work/answers/")
