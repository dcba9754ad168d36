"""The decorator of every HTTP handler: verified caller and parsed body in, response or problem document out."""

from __future__ import annotations

import base64
import binascii
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from docqa.domain.wrong_input import what_is_wrong
from docqa.errors import InvalidRequestError, RequestError, RetryableError
from docqa.models.access import Principal
from docqa.models.api import Problem
from docqa.runtime.deadline import deadline_of
from docqa.runtime.identity import principal_of
from docqa.runtime.logging import log_failure, logger

# API Gateway gives up after 29 s; what is answered later is paid for and thrown away.
GATEWAY_SECONDS = 27.0

BodyT = TypeVar("BodyT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Request(Generic[BodyT]):
    """A request of a verified caller.

    Attributes:
        headers: By lower-case name.
        body: Present when the endpoint declares a body model.
        deadline: Seconds since the epoch by which the response must leave.
    """

    principal: Principal
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: BodyT
    deadline: float


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back: a status, a model as JSON or nothing, and extra headers."""

    status: int
    body: BaseModel | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


HttpHandler = Callable[[dict[str, Any], Any], dict[str, Any]]


def endpoint(body: type[BodyT] | None = None) -> Callable[[Callable[[Request[Any]], Response]], HttpHandler]:
    """Make a Lambda proxy handler of a function from a request to a response.

    Args:
        body: Model of the request's JSON body; None for routes without one.
    """

    def decorate(function: Callable[[Request[Any]], Response]) -> HttpHandler:
        @functools.wraps(function)
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            correlation = event.get("requestContext", {}).get("requestId") or getattr(context, "aws_request_id", "")
            logger.clear_state()
            logger.append_keys(request_id=correlation)
            try:
                response = function(_request(event, context, body))
            except RequestError as error:
                logger.info("refused", extra={"error": type(error).__name__, "status": error.status})
                return _problem(error, correlation)
            except Exception as error:  # noqa: BLE001 - the caller gets a problem document, never a traceback
                log_failure(error)
                return _fault(error, correlation)
            logger.info("served", extra={"status": response.status})
            return _render(response)

        return handler

    return decorate


def _request(event: Mapping[str, Any], context: Any, body: type[BodyT] | None) -> Request[Any]:
    principal = principal_of(event)
    logger.append_keys(tenant=principal.tenant)
    return Request(
        principal=principal,
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=_parse(event, body) if body is not None else None,
        deadline=deadline_of(context, GATEWAY_SECONDS),
    )


def _parse(event: Mapping[str, Any], model: type[BodyT]) -> BodyT:
    raw = event.get("body") or ""
    try:
        if event.get("isBase64Encoded"):
            raw = base64.b64decode(raw, validate=True).decode("utf-8")
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise InvalidRequestError(_sentence(error)) from error
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidRequestError("The body is not UTF-8 encoded JSON.") from error


def _sentence(error: ValidationError) -> str:
    # The input is left out: what a caller sent by mistake need not come back, nor enter a log.
    problems = error.errors(include_input=False, include_url=False)
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'body'}: {what_is_wrong(item)}" for item in problems
    )


def _render(response: Response) -> dict[str, Any]:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **response.headers}
    if response.body is None:
        return {"statusCode": response.status, "headers": headers, "body": ""}
    headers.setdefault("Content-Type", "application/json")
    return {"statusCode": response.status, "headers": headers, "body": response.body.model_dump_json()}


def _problem(error: RequestError, correlation: str) -> dict[str, Any]:
    problem = Problem(title=error.title, status=error.status, detail=str(error), instance=correlation)
    headers = {"Content-Type": "application/problem+json"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return _render(Response(error.status, problem, headers))


def _fault(error: Exception, correlation: str) -> dict[str, Any]:
    """503 for what passes by itself, else 500; neither tells what happened inside."""
    if isinstance(error, RetryableError):
        problem = Problem(
            title="Temporarily unavailable", status=503, detail="Please try again in a moment.", instance=correlation
        )
        return _render(Response(503, problem, {"Content-Type": "application/problem+json", "Retry-After": "2"}))
    problem = Problem(
        title="Internal error", status=500, detail="docqa failed to serve this; quote `instance`.", instance=correlation
    )
    return _render(Response(500, problem, {"Content-Type": "application/problem+json"}))
