"""Sets of documents with questions: `documents/**` and `questions.jsonl`, as evaluation data is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool, ValidationError

from evaluation.line_faults import first_fault


@dataclass(frozen=True)
class Evidence:
    """Where an answer stands.

    Attributes:
        document: Path below `documents`.
        text: Verbatim, or empty when only the document or the page is known.
        page: 1-based, or None.
        start, end: Character offsets of `text` in the file, where the set says them.
    """

    document: str
    text: str = ""
    page: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class AskedQuestion:
    """A question with what is known about its answer.

    Attributes:
        answers: Acceptable short answers, or one long reference answer.
        id: The set's own, or the line's number.
    """

    question: str
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    answerable: bool
    id: str = ""


@dataclass(frozen=True)
class QuestionSet:
    """One folder of evaluation data."""

    name: str
    folder: Path

    def questions(self) -> list[AskedQuestion]:
        """All of them, in the file's order.

        Raises:
            UnreadableSetError: a line is no question, two have one id, or there is none.
        """
        file = self.folder / "questions.jsonl"
        questions: dict[str, AskedQuestion] = {}
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    question = _Line.model_validate_json(line).question_of(number)
                except ValidationError as error:
                    raise UnreadableSetError(f"line {number} of {file} is no question: {first_fault(error)}") from error
                if question.id in questions:
                    raise UnreadableSetError(f"line {number} of {file} has the id {question.id} of a line before it.")
                questions[question.id] = question
        if not questions:
            raise UnreadableSetError(f"{file} has no question.")
        return list(questions.values())

    def missing_documents(self, questions: Sequence[AskedQuestion]) -> list[str]:
        """Documents that hold an answer, as the questions say, and are not in the folder."""
        named = {evidence.document for question in questions if question.answerable for evidence in question.evidence}
        return sorted(name for name in named if not (self.folder / "documents" / name).is_file())


class UnreadableSetError(Exception):
    """The questions cannot be read; the sentence says where."""


class _EvidenceOfLine(BaseModel):
    """Fields that are not named here are left alone."""

    document: Annotated[str, Field(min_length=1)]
    text: str | None = None
    page: Annotated[int, Field(ge=1)] | None = None
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None


class _Line(BaseModel):
    """Fields that are not named here are left alone."""

    question: Annotated[str, Field(min_length=1)]
    answers: list[str] | None = None
    evidence: list[_EvidenceOfLine] | None = None
    answerable: StrictBool = True
    id: str | int | None = None

    def question_of(self, number: int) -> AskedQuestion:
        evidence = (Evidence(one.document, one.text or "", one.page, one.start, one.end) for one in self.evidence or ())
        name = str(number) if self.id in (None, "") else str(self.id)
        return AskedQuestion(self.question, tuple(self.answers or ()), tuple(evidence), self.answerable, name)


def holds_answer(question: AskedQuestion, texts: Sequence[str]) -> bool:
    """Whether an acceptable answer stands in the texts, word for word but for case and punctuation."""
    whole = f" {plain(' '.join(texts))} "
    return any(f" {plain(answer)} " in whole for answer in question.answers)


def plain(text: str) -> str:
    """Lower case, words only, one blank between them."""
    return re.sub(r"\W+", " ", text.lower()).strip()
