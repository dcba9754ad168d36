"""Sets of documents with questions: `documents/**` and `questions.jsonl`, as evaluation data is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.adapters.text_splitter import LangChainSplitter
from docqa.domain.parsing_limits import ParsingLimits
from docqa.domain.titles import choose_title
from docqa.ids import document_id
from docqa.models.chunk import Chunk

LIMITS = ParsingLimits()
DETECTOR = detector(LIMITS)


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
class SourceDocument:
    """A document, read and cut as ingestion does it."""

    path: str
    document_id: str
    title: str
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class QuestionSet:
    """One folder of evaluation data."""

    name: str
    folder: Path

    def questions(self) -> list[AskedQuestion]:
        """All of them, in the file's order."""
        with (self.folder / "questions.jsonl").open(encoding="utf-8") as lines:
            return [_question(json.loads(line), number) for number, line in enumerate(lines, start=1) if line.strip()]

    def documents(self, chunk_characters: int) -> Iterator[SourceDocument]:
        """Every document with a text of its own."""
        root = self.folder / "documents"
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            yield self._document(path, path.relative_to(root).as_posix(), chunk_characters)

    def _document(self, path: Path, name: str, chunk_characters: int) -> SourceDocument:
        with path.open("rb") as file:
            document_format = MAKERS[DETECTOR.detect(file, name)](LIMITS)
            outline = document_format.outline(file)
            file.seek(0)
            pages = list(document_format.read(file, 1, outline.pages))
        chunks = tuple(LangChainSplitter(chunk_characters).split(pages))
        title = choose_title(outline.title, outline.opening, name)
        return SourceDocument(name, document_id(self.name, name), title, chunks)


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
