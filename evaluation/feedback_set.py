"""Wrong answers become tests: what people said about answers, as a question set.

A line of feedback has answer_id, question, verdict ("right" or "wrong") and perhaps expected, document_id and page, or
unanswerable: what `docqa export-feedback` writes. A line that names neither a right answer nor a document, and does not
say that there is none, says only that something was amiss; such lines are left out and counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ValidationError, model_validator

from evaluation.line_faults import first_fault


class Feedback(BaseModel):
    """One line. Fields that are not named here are left alone."""

    answer_id: str
    question: str
    verdict: Literal["right", "wrong"]
    expected: str | None = None
    document_id: str | None = None
    page: int | None = None
    unanswerable: bool = False

    @model_validator(mode="after")
    def _unanswerable_has_no_answer(self) -> Self:
        # An export never says both; a file that was written by hand may, and must not become the wrong test.
        if self.unanswerable and (self.expected is not None or self.document_id is not None):
            raise ValueError("unanswerable goes with neither expected nor document_id")
        return self


class UnreadableFeedbackError(Exception):
    """A line is no feedback; the sentence says which."""


@dataclass(frozen=True)
class FeedbackSet:
    """Lines of a questions.jsonl, and how many pieces of feedback could not become one."""

    questions: list[dict[str, Any]]
    left_out: int


def read_feedback(file: Path) -> list[Feedback]:
    """What was said last about each answer: an export has the newest first.

    Raises:
        UnreadableFeedbackError: a line is none.
    """
    latest: dict[str, Feedback] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                one = Feedback.model_validate_json(line)
            except ValidationError as error:
                fault = first_fault(error)
                raise UnreadableFeedbackError(f"line {number} of {file} is no feedback: {fault}") from error
            latest.setdefault(one.answer_id, one)
    return list(latest.values())


def as_questions(feedback: Iterable[Feedback], path_of: Callable[[str], str | None]) -> FeedbackSet:
    """A question a piece of feedback that says what is right: an answer, where it stands, or that there is none.

    Args:
        feedback: What was said, the newest first: of a question that was asked several times, this counts.
        path_of: A document's path below `documents`, by its id; None: it is not known.
    """
    questions: dict[str, dict[str, Any]] = {}
    left_out = 0
    for one in feedback:
        path = path_of(one.document_id) if one.document_id else None
        if one.expected is None and path is None and not one.unanswerable:
            left_out += 1
            continue
        question = {
            "id": one.answer_id,
            "question": one.question,
            "answers": [one.expected] if one.expected else [],
            "evidence": [{"document": path, "page": one.page, "text": None}] if path else [],
            "answerable": not one.unanswerable,
        }
        questions.setdefault(one.question, question)
    return FeedbackSet(list(questions.values()), left_out)


def write_questions(folder: Path, questions: Iterable[Mapping[str, Any]]) -> Path:
    """The folder's questions.jsonl; its path."""
    file = folder / "questions.jsonl"
    lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in questions)
    file.write_text("".join(lines), encoding="utf-8")
    return file
