"""InvokeEndpointAsync: take a request, say where its answer will be."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping

from devstack.modelserver.arns import bucket_and_key
from devstack.modelserver.hosting.behaviour import HostingControl
from devstack.modelserver.hosting.endpoints import AsyncOutput, Endpoints
from devstack.modelserver.hosting.errors import invalid_invocation
from devstack.modelserver.hosting.invocations import Invocation, InvocationTable

# Limits and defaults of https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
BODY_BYTES = 128_000
QUEUE_SECONDS, QUEUE_RANGE = 21_600, (60, 21_600)
WORK_SECONDS, WORK_RANGE = 900, (1, 3_600)
FILENAME = re.compile(r"(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9-_.]{0,31}")
EXTENSION = re.compile(r"(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]{1,512}")
INFERENCE_ID = re.compile(r"\S[ -~]{0,63}")
_HEADER = "x-amzn-sagemaker-"


class AsyncInvocations:
    """The operation, from headers and body to the invocation that was taken.

    Args:
        endpoints: all of them.
        table: where invocations are kept until they are over.
        control: faults.
        begin: told of every invocation.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        table: InvocationTable,
        control: HostingControl,
        begin: Callable[[Invocation], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._endpoints = endpoints
        self._table = table
        self._control = control
        self._begin = begin
        self._clock = clock

    def invoke(self, name: str, headers: Mapping[str, str], body: bytes) -> Invocation:
        """InvokeEndpointAsync.

        Args:
            name: the endpoint's.
            headers: with lower-case names.
            body: the request itself, where it is not in the bucket.

        Raises:
            AwsError: it is refused.
        """
        self._control.admit("asynchronous_invocations")
        endpoint = self._endpoints.find(name)
        if endpoint.output is None:
            raise invalid_invocation(f"Endpoint {name} is not configured for asynchronous inference.")
        place = headers.get(f"{_HEADER}inputlocation", "")
        if bool(place) == bool(body):
            raise invalid_invocation("Exactly one of Body and InputLocation must be provided.")
        if place and bucket_and_key(place) is None:
            raise invalid_invocation(f"InputLocation {place} is no S3 address.")
        if len(body) > BODY_BYTES:
            raise invalid_invocation(f"Request body is larger than {BODY_BYTES} bytes.", status=413)
        key = str(uuid.uuid4())
        answer, failure = _places(endpoint.output, headers, key)
        invocation = Invocation(
            key=key,
            inference_id=_text(headers, "inference-id", INFERENCE_ID) or str(uuid.uuid4()),
            endpoint=name,
            input=place,
            body=body.decode("latin-1"),
            content_type=headers.get(f"{_HEADER}content-type", ""),
            accept=headers.get(f"{_HEADER}accept", ""),
            answer=answer,
            failure=failure,
            received=self._clock(),
            queue_limit=_seconds(headers, "requestttlseconds", QUEUE_SECONDS, QUEUE_RANGE),
            work_limit=_seconds(headers, "invocationtimeoutseconds", WORK_SECONDS, WORK_RANGE),
        )
        self._begin(self._table.save(invocation))
        return invocation


def _places(output: AsyncOutput, headers: Mapping[str, str], key: str) -> tuple[str, str]:
    """Where the answer and the failure go; the name is made up where the request names none."""
    extension = _text(headers, "s3outputpathextension", EXTENSION)
    folder = f"/{extension.strip('/')}" if extension else ""
    name = _text(headers, "filename", FILENAME) or f"{key}.out"
    stem, dot, suffix = name.partition(".")
    failure = f"{output.failures}{folder}/{stem}-error{dot}{suffix}" if output.failures else ""
    return f"{output.answers}{folder}/{name}", failure


def _text(headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = headers.get(f"{_HEADER}{name}", "")
    if value and not pattern.fullmatch(value):
        raise invalid_invocation(f"Value '{value}' of header {_HEADER}{name} must match {pattern.pattern}")
    return value


def _seconds(headers: Mapping[str, str], name: str, default: int, allowed: tuple[int, int]) -> float:
    value = headers.get(f"{_HEADER}{name}", str(default))
    least, most = allowed
    if not value.isdecimal() or not least <= int(value) <= most:
        raise invalid_invocation(f"Value '{value}' of header {_HEADER}{name} must be between {least} and {most}")
    return float(value)
