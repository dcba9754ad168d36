"""Model services that answer at once and count their calls, in the shape of boto3's clients.

Vectors and replies are made up; bodies are those of the wire, so that the real adapters read them.
"""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from benchmarks.load.counted_bucket import CountedBucket

VECTOR = [0.6, 0.8]
DIMENSIONS = len(VECTOR)
BODY = "application/json"


def answer(body: dict[str, Any]) -> Any:
    """What a model or container says to a body, whatever of those that docqa speaks it is."""
    if "inputText" in body:
        return {"embedding": VECTOR, "inputTextTokenCount": len(body["inputText"]) // 4}
    if "texts" in body:
        return {"embeddings": [VECTOR] * len(body["texts"])}
    if "parameters" in body:  # the inference toolkit: a vector a token
        return [[VECTOR] for _ in body["inputs"]]
    if "inputs" in body:
        return [VECTOR] * len(body["inputs"])
    if "inferenceConfig" in body:
        message = {"role": "assistant", "content": [{"text": "Said."}]}
        return {"output": {"message": message}, "usage": {"inputTokens": 10, "outputTokens": 2}}
    said = {"message": {"role": "assistant", "content": "Said."}, "finish_reason": "stop"}
    return {"choices": [said], "usage": {"prompt_tokens": 10, "completion_tokens": 2}}


class CountedModels:
    """`bedrock-runtime`, `sagemaker-runtime`, `bedrock` and `sagemaker` in one.

    Attributes:
        calls: How many there were, by operation.
    """

    def __init__(self, bucket: CountedBucket | None = None) -> None:
        self.calls: Counter[str] = Counter()
        self._bucket = bucket or CountedBucket()
        self._lock = threading.Lock()

    # --- at once

    def invoke_model(self, *, body: str, **_: str) -> dict[str, Any]:
        """Bedrock, one body."""
        self._count("InvokeModel")
        return {"body": io.BytesIO(json.dumps(answer(json.loads(body))).encode())}

    def invoke_endpoint(self, *, Body: str, **_: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """SageMaker in real time, one body."""
        self._count("InvokeEndpoint")
        return {"Body": io.BytesIO(json.dumps(answer(json.loads(Body))).encode())}

    # --- later, into the bucket; here it is there when the call returns

    def invoke_endpoint_async(self, **request: Any) -> dict[str, Any]:
        """SageMaker's asynchronous endpoint, one object."""
        self._count("InvokeEndpointAsync")
        output = f"{request['S3OutputPathExtension']}/{request['Filename']}"
        body = json.loads(self._bucket.read(self._key(request["InputLocation"])))
        self._bucket.write(output, json.dumps(answer(body)).encode())
        return {"InferenceId": request["InferenceId"], "OutputLocation": self._uri(output)}

    def create_transform_job(self, **request: Any) -> dict[str, Any]:
        """Batch transform: every file of the input, line by line."""
        self._count("CreateTransformJob")
        source = request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        self._work_through(source, request["TransformOutput"]["S3OutputPath"] + "/", answer)
        return {"TransformJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:job/{request['TransformJobName']}"}

    def describe_transform_job(self, **_: str) -> dict[str, Any]:
        """It is done."""
        self._count("DescribeTransformJob")
        return {"TransformJobStatus": "Completed", "CreationTime": datetime(2026, 1, 1, tzinfo=UTC)}

    def create_model_invocation_job(self, **request: Any) -> dict[str, Any]:
        """Bedrock batch inference: every record of every file."""
        self._count("CreateModelInvocationJob")
        source = request["inputDataConfig"]["s3InputDataConfig"]["s3Uri"]
        target = request["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"]
        self._work_through(
            source,
            f"{target}job/",
            lambda line: {"recordId": line["recordId"], "modelOutput": answer(line["modelInput"])},
        )
        return {"jobArn": "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/job"}

    def get_model_invocation_job(self, **_: str) -> dict[str, Any]:
        """It is done."""
        self._count("GetModelInvocationJob")
        return {"status": "Completed"}

    def _work_through(self, source: str, target: str, said: Callable[[Any], Any]) -> None:
        for stored in self._bucket.list_objects(self._key(source)):
            lines = [json.dumps(said(json.loads(line))) for line in self._bucket.read(stored.key).splitlines()]
            name = stored.key.rpartition("/")[2]
            self._bucket.write(f"{self._key(target)}{name}.out", "\n".join(lines).encode())

    def _count(self, operation: str) -> None:
        with self._lock:
            self.calls[operation] += 1

    def _key(self, uri: str) -> str:
        return uri.removeprefix(f"s3://{self._bucket.bucket}/")

    def _uri(self, key: str) -> str:
        return f"s3://{self._bucket.bucket}/{key}"
