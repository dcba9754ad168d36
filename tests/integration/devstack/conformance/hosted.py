"""Models and endpoints for tests, made as a deployment makes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.integration.devstack.conformance.local_server import IMAGES, LocalServer, eventually

ROLE = "arn:aws:iam::000000000000:role/hosting"
SUCCESS, ERROR = (f"arn:aws:sns:us-east-1:000000000000:{name}" for name in ("success", "error"))
TEXTS = {"inputs": ["a", "bb"]}


@dataclass(frozen=True)
class Hosted:
    """SageMaker as a test uses it."""

    server: LocalServer
    control: Any
    runtime: Any

    def model(self, name: str = "bge", image: str = "tei-cpu:1.8", **container: Any) -> str:
        """A model with one container; its name."""
        self.control.create_model(
            ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": f"{IMAGES}/{image}", **container}
        )
        return name

    def endpoint(self, name: str, model: str, variant: dict[str, Any], **config: Any) -> str:
        """An endpoint with one variant of a model; its name."""
        variants = [{"VariantName": "AllTraffic", "ModelName": model, **variant}]
        self.control.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=variants, **config)
        self.control.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")
        return name

    def on_instances(self, name: str = "embedding", **container: Any) -> str:
        """A real-time endpoint."""
        return self.endpoint(name, self.model(**container), {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1})

    def serverless(self, most: int = 1, **config: Any) -> str:
        """A serverless endpoint."""
        serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": most, **config}
        return self.endpoint("serverless", self.model(), {"ServerlessConfig": serverless})

    def asynchronous(self, topics: bool = True, failures: bool = True, instances: int = 1) -> str:
        """An asynchronous endpoint that answers into the bucket `work`."""
        output: dict[str, Any] = {"S3OutputPath": "s3://work/answers"}
        if failures:
            output["S3FailurePath"] = "s3://work/failures"
        if topics:
            output["NotificationConfig"] = {"SuccessTopic": SUCCESS, "ErrorTopic": ERROR}
        return self.endpoint(
            "later",
            self.model(),
            {"InstanceType": "ml.m5.large", "InitialInstanceCount": instances},
            AsyncInferenceConfig={"OutputConfig": output},
        )

    def ask_later(self, body: object = TEXTS, endpoint: str = "later", **more: Any) -> dict[str, Any]:
        """InvokeEndpointAsync with the body in the bucket."""
        place = self.server.put("requests/one.json", body)
        answer: dict[str, Any] = self.runtime.invoke_endpoint_async(
            EndpointName=endpoint, InputLocation=place, ContentType="application/json", **more
        )
        return answer

    def notices(self, count: int = 1) -> list[tuple[str, dict[str, Any]]]:
        """The topics' messages, once there are so many."""
        messages = self.server.topics.messages
        eventually(lambda: messages if len(messages) >= count else None)
        return [(topic, json.loads(message)) for topic, message in messages]

    def transform(self, name: str = "job", model: str = "bge", uri: str = "s3://work/in/", **more: Any) -> str:
        """CreateTransformJob over lines of JSON, one a call of the container; its name."""
        given = {
            "DataSource": {"S3DataSource": {"S3DataType": more.pop("data_type", "S3Prefix"), "S3Uri": uri}},
            "ContentType": more.pop("content_type", "application/json"),
            "SplitType": more.pop("split", "Line"),
            "CompressionType": more.pop("compression", "None"),
        }
        output = {"S3OutputPath": "s3://work/out", "AssembleWith": more.pop("assemble", "Line")}
        request = {"BatchStrategy": "SingleRecord", **more}
        self.control.create_transform_job(
            TransformJobName=name,
            ModelName=model,
            TransformInput=given,
            TransformOutput=output,
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **{member: value for member, value in request.items() if value is not None},
        )
        return name

    def ended(self, job: str) -> dict[str, Any]:
        """DescribeTransformJob, once the job is over."""

        def look() -> dict[str, Any] | None:
            described: dict[str, Any] = self.control.describe_transform_job(TransformJobName=job)
            return described if described["TransformJobStatus"] in ("Completed", "Failed", "Stopped") else None

        return eventually(look)
