"""Asynchronous endpoint, batch transform and Bedrock batch inference over a bucket, in the shape of boto3's clients.

Nothing is answered until a test says so: with `run`, and with what may go wrong on the way.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from tests.fakes.aws_shapes import check_request, checked_answer, client_error
from tests.fakes.bucket import VersionedBucket
from tests.fakes.model_bodies import Container, RefusedError

ACCOUNT = "arn:aws:bedrock:eu-west-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/batch"


class AsyncEndpoint:
    """`sagemaker-runtime`. Several answers to one request go to one address if the caller says which.

    Attributes:
        calls: Every request that was taken, in order.
        quota: So many more are taken, then they are throttled.
    """

    def __init__(self, bucket: VersionedBucket, container: Container, output: str = "", failures: str = "f/") -> None:
        self.calls: list[dict[str, Any]] = []
        self.quota = 1_000_000
        self._bucket = bucket
        self._container = container
        self._output = output
        self._failures = failures

    def invoke_endpoint_async(self, **request: Any) -> dict[str, Any]:
        check_request("sagemaker-runtime", "InvokeEndpointAsync", request)
        if self.quota == 0:
            raise client_error("InvokeEndpointAsync", "ThrottlingException", 429)
        self.quota -= 1
        self.calls.append(request)
        answer = {"InferenceId": request["InferenceId"], "OutputLocation": self._uri(self._output_key(request))}
        if self._failures:
            answer["FailureLocation"] = self._uri(self._failure_key(request))
        return checked_answer("sagemaker-runtime", "InvokeEndpointAsync", answer)

    def run(self, *, lose: Collection[str] = ()) -> None:
        """Work on everything that was handed over so far, but for what is lost on the way."""
        for call in self.calls:
            if call["InferenceId"] not in lose:
                self._work(call)

    def _work(self, call: dict[str, Any]) -> None:
        key = call["InputLocation"].removeprefix(f"s3://{self._bucket.bucket}/")
        if not self._bucket.exists(key):
            self._bucket.write(self._failure_key(call), b"Unable to download the input")
            return
        try:
            answer = self._container(json.loads(self._bucket.read(key)))
        except RefusedError as error:
            if self._failures:
                self._bucket.write(self._failure_key(call), json.dumps({"error": error.words}).encode())
        else:
            self._bucket.write(self._output_key(call), json.dumps(answer).encode())

    def _output_key(self, call: dict[str, Any]) -> str:
        return f"{self._output}{call['S3OutputPathExtension']}/{call['Filename']}"

    def _failure_key(self, call: dict[str, Any]) -> str:
        return f"{self._failures}{call['InferenceId']}-error.out"

    def _uri(self, key: str) -> str:
        return f"s3://{self._bucket.bucket}/{key}"


class TransformService:
    """`sagemaker`. Each line of a file is a call; a line that is refused takes the file's output with it.

    Attributes:
        created: Requests of the jobs that were taken.
        quota: So many more jobs are taken, then there are too many.
    """

    def __init__(self, bucket: VersionedBucket, container: Container, began: float = 1_000_000.0) -> None:
        self.created: dict[str, dict[str, Any]] = {}
        self.quota = 1_000_000
        self._status: dict[str, tuple[str, str]] = {}
        self._bucket = bucket
        self._container = container
        self._began = datetime.fromtimestamp(began, UTC)

    def create_transform_job(self, **request: Any) -> dict[str, Any]:
        check_request("sagemaker", "CreateTransformJob", request)
        assert request["MaxConcurrentTransforms"] * request["MaxPayloadInMB"] <= 100
        name = request["TransformJobName"]
        if name in self.created:
            raise client_error("CreateTransformJob", "ResourceInUse")
        if self.quota == 0:
            raise client_error("CreateTransformJob", "ResourceLimitExceeded")
        self.quota -= 1
        self.created[name], self._status[name] = request, ("InProgress", "")
        return {"TransformJobArn": f"arn:aws:sagemaker:eu-west-1:123456789012:transform-job/{name}"}

    def describe_transform_job(self, **request: Any) -> dict[str, Any]:
        check_request("sagemaker", "DescribeTransformJob", request)
        name = request["TransformJobName"]
        if name not in self.created:
            message = f"Could not find requested job with name: {name}"
            raise client_error("DescribeTransformJob", "ValidationException", message=message)
        status, reason = self._status[name]
        told = {key: self.created[name][key] for key in ("ModelName", "TransformInput", "TransformResources")}
        answer = told | {
            "TransformJobName": name,
            "TransformJobArn": f"arn:aws:sagemaker:eu-west-1:123456789012:transform-job/{name}",
            "TransformJobStatus": status,
            "CreationTime": self._began,
        }
        return checked_answer(
            "sagemaker", "DescribeTransformJob", answer | ({"FailureReason": reason} if reason else {})
        )

    def stop_transform_job(self, **request: Any) -> None:
        check_request("sagemaker", "StopTransformJob", request)
        name = request["TransformJobName"]
        if self._status.get(name, ("", ""))[0] != "InProgress":
            raise client_error("StopTransformJob", "ValidationException")
        self._status[name] = ("Stopped", "")

    def run(self, name: str, *, lose: Collection[str] = ()) -> None:
        """Work on the job's files; those that are named are lost, as if one of their lines had failed."""
        request = self.created[name]
        source = request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        failed = []
        for found in list(self._bucket.list_objects(self._key(source))):
            file = found.key.rpartition("/")[2]
            try:
                lines = [self._container(json.loads(line)) for line in self._bucket.read(found.key).splitlines()]
            except RefusedError:
                failed.append(file)
                continue
            if file in lose:
                failed.append(file)
                continue
            out = "".join(f"{json.dumps(line)}\n" for line in lines)
            self._bucket.write(f"{self._key(request['TransformOutput']['S3OutputPath'])}/{file}.out", out.encode())
        reason = f"ClientError: see job logs for more information ({len(failed)} files)"
        self._status[name] = ("Failed", reason) if failed else ("Completed", "")

    def _key(self, uri: str) -> str:
        return uri.removeprefix(f"s3://{self._bucket.bucket}/")


class BatchInference:
    """`bedrock`. Lines come out in another order than they went in; one that is refused has an error in its line.

    Attributes:
        created: Requests of the jobs that were taken, by their ARN.
    """

    def __init__(self, bucket: VersionedBucket, model: Container, least: int = 1) -> None:
        self.created: dict[str, dict[str, Any]] = {}
        self._status: dict[str, tuple[str, str]] = {}
        self._bucket = bucket
        self._model = model
        self._least = least

    def create_model_invocation_job(self, **request: Any) -> dict[str, Any]:
        check_request("bedrock", "CreateModelInvocationJob", request)
        for arn, earlier in self.created.items():
            if earlier["clientRequestToken"] == request["clientRequestToken"]:
                if earlier != request:
                    raise client_error("CreateModelInvocationJob", "ConflictException")
                return {"jobArn": arn}
        arn = f"{ACCOUNT}:model-invocation-job/{len(self.created):012d}"
        self.created[arn], self._status[arn] = request, ("Submitted", "")
        return checked_answer("bedrock", "CreateModelInvocationJob", {"jobArn": arn})

    def get_model_invocation_job(self, **request: Any) -> dict[str, Any]:
        check_request("bedrock", "GetModelInvocationJob", request)
        arn = request["jobIdentifier"]
        if arn not in self.created:
            raise client_error("GetModelInvocationJob", "ResourceNotFoundException", 404)
        status, message = self._status[arn]
        told = {key: self.created[arn][key] for key in ("modelId", "roleArn", "inputDataConfig", "outputDataConfig")}
        answer = told | {"jobArn": arn, "status": status, "submitTime": datetime.now(UTC)}
        return checked_answer("bedrock", "GetModelInvocationJob", answer | ({"message": message} if message else {}))

    def stop_model_invocation_job(self, **request: Any) -> dict[str, Any]:
        check_request("bedrock", "StopModelInvocationJob", request)
        if self._status[request["jobIdentifier"]][0] != "Submitted":
            raise client_error("StopModelInvocationJob", "ConflictException")
        self._status[request["jobIdentifier"]] = ("Stopped", "")
        return {}

    def end(self, arn: str, status: str, message: str = "") -> None:
        """The job ends without any output."""
        self._status[arn] = (status, message)

    def run(self, arn: str, *, status: str = "Completed", leave: Collection[str] = (), seed: int = 7) -> None:
        """Answer the job's records but for those that are left, in an order of its own."""
        request = self.created[arn]
        source = self._key(request["inputDataConfig"]["s3InputDataConfig"]["s3Uri"])
        files = {found.key: self._bucket.read(found.key).splitlines() for found in self._bucket.list_objects(source)}
        if sum(map(len, files.values())) < self._least:
            self.end(arn, "Failed", f"Batch job contains less records than the required minimum of: {self._least}")
            return
        out = self._key(request["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"]) + arn.rpartition("/")[2]
        for key, lines in files.items():
            records = [record for record in map(json.loads, lines) if record["recordId"] not in leave]
            random.Random(seed).shuffle(records)
            body = "".join(f"{json.dumps(self._line(record))}\n" for record in records)
            self._bucket.write(f"{out}/{key.rpartition('/')[2]}.out", body.encode())
        self._bucket.write(f"{out}/manifest.json.out", b'{"totalRecordCount": 1}')
        self._status[arn] = (status, "")

    def _line(self, record: dict[str, Any]) -> dict[str, Any]:
        try:
            return record | {"modelOutput": self._model(record["modelInput"])}
        except RefusedError as error:
            return record | {"error": {"errorCode": 400, "errorMessage": error.words}}

    def _key(self, uri: str) -> str:
        return uri.removeprefix(f"s3://{self._bucket.bucket}/")
