"""Sets of documents with questions: `documents/**` and `questions.jsonl`, as evaluation data is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
        """All of them, in the file's order."""
        with (self.folder / "questions.jsonl").open(encoding="utf-8") as lines:
            return [_question(json.loads(line), number) for number, line in enumerate(lines, start=1) if line.strip()]


def _question(line: dict[str, Any], number: int) -> AskedQuestion:
    evidence = tuple(_evidence(item) for item in line.get("evidence") or ())
    answerable = line.get("answerable", True)
    return AskedQuestion(
        line["question"], tuple(line.get("answers") or ()), evidence, answerable, str(line.get("id") or number)
    )


def _evidence(item: dict[str, Any]) -> Evidence:
    return Evidence(item["document"], item.get("text") or "", item.get("page"), item.get("start"), item.get("end"))


def holds_answer(question: AskedQuestion, texts: Sequence[str]) -> bool:
    """Whether an acceptable answer stands in the texts, word for word but for case and punctuation."""
    whole = f" {plain(' '.join(texts))} "
    return any(f" {plain(answer)} " in whole for answer in question.answers)


def plain(text: str) -> str:
    """Lower case, words only, one blank between them."""
    return re.sub(r"\W+", " ", text.lower()).strip()
