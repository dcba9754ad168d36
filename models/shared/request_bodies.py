"""What a handler is asked and answers: one JSON object, or JSON lines, each a request of its own.

Every archive gets a copy of this file beside its inference.py. The container's own words for a wrong request are an
exception's, so a sentence is enough; among JSON lines a wrong one is answered in its line, and the others as if alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

JSON = "application/json"
LINES = ("application/jsonlines", "application/x-jsonlines", "application/x-ndjson")

Request = TypeVar("Request")


class RequestError(ValueError):
    """The request is wrong: the message says what about it, and what would be right."""


@dataclass(frozen=True)
class Asked(Generic[Request]):
    """Requests in the order in which they came; what is wrong with one stands in its place."""

    requests: list[Request | RequestError]
    in_lines: bool


@dataclass(frozen=True)
class Answered:
    """Answers that JSON can hold, in the order of the requests; what was wrong with one stands in its place."""

    answers: list[Any]
    in_lines: bool


def read(
    body: str | bytes | bytearray, content_type: str, parse: Callable[[dict[str, Any]], Request]
) -> Asked[Request]:
    """The requests of a body.

    Args:
        body: UTF-8.
        content_type: `application/json`, or one of LINES; parameters such as a charset do not matter.
        parse: Makes a request of a JSON object, or raises RequestError.

    Raises:
        RequestError: the content type is another one; the body is one object and wrong.
    """
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    text = _text(body)
    if kind == JSON:
        return Asked([_parsed(text, parse)], in_lines=False)
    if kind not in LINES:
        raise RequestError(f"Content type {content_type} is not understood: send {JSON} or {LINES[0]}.")
    return Asked([_parsed_or_error(line, parse) for line in text.splitlines() if line.strip()], in_lines=True)


def write(answered: Answered) -> str:
    """The body of the answer.

    Raises:
        RequestError: the only request was wrong.
    """
    if answered.in_lines:
        return "".join(_line(answer) + "\n" for answer in answered.answers)
    (answer,) = answered.answers
    if isinstance(answer, RequestError):
        raise answer
    return json.dumps(answer)


def one_by_one(asked: Asked[Request], answer: Callable[[Request], Any]) -> Answered:
    """Ask for each request alone; a RequestError stays with its own."""
    return Answered([_answer_or_error(request, answer) for request in asked.requests], asked.in_lines)


def _text(body: str | bytes | bytearray) -> str:
    if isinstance(body, str):
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError("The body is not UTF-8.") from error


def _parsed(text: str, parse: Callable[[dict[str, Any]], Request]) -> Request:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise RequestError(f"The body is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise RequestError("The request must be a JSON object.")
    return parse(found)


def _parsed_or_error(text: str, parse: Callable[[dict[str, Any]], Request]) -> Request | RequestError:
    try:
        return _parsed(text, parse)
    except RequestError as error:
        return error


def _answer_or_error(request: Request | RequestError, answer: Callable[[Request], Any]) -> Any:
    if isinstance(request, RequestError):
        return request
    try:
        return answer(request)
    except RequestError as error:
        return error


def _line(answer: Any) -> str:
    return json.dumps({"error": str(answer)} if isinstance(answer, RequestError) else answer)
