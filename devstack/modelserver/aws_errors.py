"""Errors in the two shapes that AWS clients read: REST-JSON (Bedrock, SageMaker) and JSON 1.1 (Textract)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response


class AwsError(Exception):
    """An error that the client is told by code, HTTP status and message.

    Attributes:
        members: further members of the error's structure, such as SageMaker's OriginalMessage.
    """

    def __init__(self, code: str, message: str, status: int = 400, **members: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def validation_error(message: str) -> AwsError:
    """Bedrock's answer to a request that is not right."""
    return AwsError("ValidationException", message)


def throttled(message: str) -> AwsError:
    """Bedrock's answer to a request over its quota."""
    return AwsError("ThrottlingException", message, status=429)


async def rest_json_error(_: Request, error: Exception) -> Response:
    """The REST-JSON shape: the code in a header."""
    assert isinstance(error, AwsError)
    body = {"message": error.message, **error.members}
    return json_response(body, error.status, {"x-amzn-ErrorType": error.code})


def json_1_1_error(error: AwsError) -> Response:
    """The JSON 1.1 shape: the code in the body."""
    body = {"__type": error.code, "Message": error.message}
    return json_response(body, error.status, {}, "application/x-amz-json-1.1")


def parsed_object(content: bytes) -> dict[str, Any]:
    """A request's body of JSON.

    Raises:
        AwsError: it is no JSON object, in Bedrock's words.
    """
    try:
        body = json.loads(content)
    except ValueError as error:
        raise validation_error("The request body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise validation_error(
            "Malformed input request: expected type: JSONObject, please reformat your input and try again."
        )
    return body


def json_response(
    body: Any, status: int = 200, headers: dict[str, str] | None = None, media_type: str = "application/json"
) -> Response:
    """A JSON answer with the request id that every AWS answer carries; bytes are taken as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(content, status, {"x-amzn-RequestId": str(uuid.uuid4()), **(headers or {})}, media_type)
