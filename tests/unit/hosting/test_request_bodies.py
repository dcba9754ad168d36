"""Requests of handlers: one JSON object, or lines of which a wrong one fails alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from request_bodies import Answered, RequestError, one_by_one, read, write

JSON, LINES = "application/json", "application/jsonlines"


def even(request: dict[str, Any]) -> int:
    """A request is a number, and an even one."""
    number = request.get("number")
    if not isinstance(number, int):
        raise RequestError("`number` must be a whole number.")
    return number


def half(number: int) -> int:
    if number % 2:
        raise RequestError(f"{number} is odd.")
    return number // 2


def answer(body: str | bytes, content_type: str) -> str:
    return write(one_by_one(read(body, content_type, even), half))


def test_one_object_is_answered_with_one() -> None:
    assert answer('{"number": 4}', JSON) == "2"
    assert answer(b'{"number": 6}', "application/json; charset=utf-8") == "3"


@pytest.mark.parametrize(
    ("body", "content_type", "sentence"),
    [
        ("{", JSON, "not JSON"),
        ("[1]", JSON, "must be a JSON object"),
        ("{}", JSON, "must be a whole number"),
        ('{"number": 3}', JSON, "3 is odd"),
        (b"\xff", JSON, "not UTF-8"),
        ("number=1", "text/csv", "Content type text/csv is not understood"),
    ],
)
def test_a_wrong_request_is_refused_with_what_is_wrong(body: str | bytes, content_type: str, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        answer(body, content_type)


def test_a_wrong_line_fails_alone_and_in_its_place() -> None:
    """Promise 33: per-line errors."""
    body = '{"number": 2}\n{"number": "x"}\n\n{"number": 3}\nnope\n{"number": 8}\n'
    lines = [json.loads(line) for line in answer(body, LINES).splitlines()]
    assert lines[0] == 1
    assert "whole number" in lines[1]["error"]
    assert lines[2] == {"error": "3 is odd."}
    assert "not JSON" in lines[3]["error"]
    assert lines[4] == 4
    assert len(lines) == 5


def test_what_is_no_fault_of_the_request_is_not_hidden_in_a_line() -> None:
    def broken(_: int) -> int:
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        one_by_one(read('{"number": 2}', LINES, even), broken)


def test_no_lines_have_no_answers() -> None:
    assert answer("", LINES) == ""
    assert write(Answered([], in_lines=True)) == ""
