"""What came back of a job, read as results of its records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from docqa.adapters.content_handlers.handler import ANOTHER_FORM, Answer, ContentHandler
from docqa.adapters.content_handlers.vectors import vector_fault
from docqa.models.inference import RecordResult, Vector

Answered = TypeVar("Answered")

# Enough of a service's words for an operator to know what is wrong; a body could be megabytes.
WORDS_CHARACTERS = 300
_ODD_BODY = "answered in another form than its format says"


class ResultReader(Generic[Answered]):
    """Bodies of responses as results.

    Args:
        handler: The model's format.
        fault_of: Why an answer cannot be used, empty if it can.
    """

    def __init__(self, handler: ContentHandler[Any, Answered], fault_of: Callable[[Answered], str]) -> None:
        self._handler = handler
        self._fault_of = fault_of

    def read(self, ids: Sequence[str], body: bytes) -> Iterator[RecordResult[Answered]]:
        """One result for each record of the request; a body that cannot be read is an error of each."""
        try:
            answers = self._handler.decode(json.loads(body))
        except ANOTHER_FORM:
            yield from errors(ids, _ODD_BODY)
            return
        if len(answers) != len(ids):
            yield from errors(ids, f"answered {len(answers)} times to {len(ids)} records")
            return
        for record, answer in zip(ids, answers, strict=True):
            yield self._checked(record, answer)

    def read_one(self, record: str, body: Any) -> RecordResult[Answered]:
        """The result of the one record that a body, parsed already, was asked for."""
        try:
            (answer,) = self._handler.decode(body)
        except ANOTHER_FORM:
            return RecordResult(record, None, _ODD_BODY)
        return self._checked(record, answer)

    def _checked(self, record: str, answer: Answer[Answered]) -> RecordResult[Answered]:
        fault = self._fault_of(answer.value)
        return RecordResult(record, None if fault else answer.value, fault, answer.tokens)


def errors(ids: Sequence[str], words: str) -> Iterator[RecordResult[Any]]:
    """The same error for each record."""
    yield from (RecordResult(record, None, words) for record in ids)


def words_of(body: bytes) -> str:
    """The beginning of what a service says about a failure."""
    return " ".join(body[: 4 * WORDS_CHARACTERS].decode("utf-8", "replace").split())[:WORDS_CHARACTERS]


def fault_of_vector(dimensions: int) -> Callable[[Vector], str]:
    """Whether vectors fit the index: so many floats, all of them finite."""
    return lambda vector: vector_fault(vector, dimensions)


def no_fault(_: object) -> str:
    """Whatever a chat model says is its reply."""
    return ""
