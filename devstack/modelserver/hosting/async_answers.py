"""What becomes of an asynchronous request in the container: an answer or a failure, and where each is written."""

from __future__ import annotations

import json
from dataclasses import dataclass

from devstack.modelserver.arns import bucket_and_key
from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.documents import (
    DocumentNotReadableError,
    NoBucketError,
    ObjectStore,
    StorageUnavailableError,
)
from devstack.modelserver.hosting.behaviour import HostingControl
from devstack.modelserver.hosting.containers import HTTP_SERVER_ERROR, JSON, Answered, Containers, model_error
from devstack.modelserver.hosting.invocations import COMPLETED, FAILED, Invocation, Outcome

INPUT_BYTES = 1024**3


@dataclass(frozen=True)
class Failure:
    """Why there is no answer, and what is written in its place."""

    reason: str
    content: bytes


class AsyncAnswers:
    """Reads requests, has them answered, writes what came of them.

    Args:
        containers: what answers, in the background.
        objects: where requests and answers lie.
        control: faults.
    """

    def __init__(self, containers: Containers, objects: ObjectStore, control: HostingControl) -> None:
        self._containers = containers
        self._objects = objects
        self._control = control

    def ask(self, invocation: Invocation, container: str) -> Answered | Failure:
        """What the container says to the request.

        Raises:
            StorageUnavailableError: try again.
        """
        try:
            content = invocation.body.encode("latin-1") if invocation.body else self._input(invocation.input)
            if self._control.happens(self._control.behaviour.failed_share, "failed_invocations"):
                raise model_error(500, "the model ran out of memory")
            return self._containers.answer(container, content, invocation.content_type or JSON)
        except _NoInputError as error:
            return Failure(f"ClientError: {error}", json.dumps({"error": str(error)}).encode())
        except AwsError as error:
            status = int(str(error.members["OriginalStatusCode"]))
            whose = "client" if status < HTTP_SERVER_ERROR else "server"
            reason = (
                f"ClientError: Received {whose} error ({status}) from model. "
                "See the SageMaker Endpoint logs in your account for more information."
            )
            return Failure(reason, str(error.members["OriginalMessage"]).encode())

    def write(self, invocation: Invocation, result: Answered | Failure) -> Outcome:
        """Write it to where the caller was told; how the invocation ended with that.

        Raises:
            StorageUnavailableError: try again.
        """
        if isinstance(result, Failure):
            return Outcome(FAILED, result.reason + self._put(invocation.failure, Answered(result.content, JSON)))
        if self._control.happens(self._control.behaviour.missing_output_share, "missing_outputs"):
            return Outcome(COMPLETED, content_type=result.content_type)
        refused = self._put(invocation.answer, result)
        return Outcome(FAILED, f"ClientError:{refused}") if refused else Outcome(COMPLETED, "", result.content_type)

    def _put(self, address: str, answered: Answered) -> str:
        """Write it, where there is an address; why it could not be written, or nothing."""
        if not address:
            return ""
        bucket, key = bucket_and_key(address) or ("", "")
        try:
            self._objects.write(bucket, key, answered.content, answered.content_type)
        except NoBucketError:
            return f" Unable to write to {address}."
        return ""

    def _input(self, address: str) -> bytes:
        bucket, key = bucket_and_key(address) or ("", "")
        try:
            content = self._objects.read(bucket, key, None)
        except StorageUnavailableError:
            raise
        except DocumentNotReadableError as error:
            raise _NoInputError(f"Unable to read the input from {address}.") from error
        if len(content) > INPUT_BYTES:
            raise _NoInputError(f"The input in {address} is larger than {INPUT_BYTES} bytes.")
        return content


class _NoInputError(Exception):
    """There is no body to give to the container."""
