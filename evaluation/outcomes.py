"""What became of each question, as a run writes it down: everything a reader needs to see why it was judged so."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from evaluation.gold import Gold, Span
from evaluation.question_sets import AskedQuestion

FILE = "questions.jsonl"
# What a report shows; metrics look at the first ten distinct passages, pages and documents.
PASSAGES_KEPT = 10


class Model(BaseModel):
    """Something that is written down and never changed."""

    model_config = ConfigDict(frozen=True)


class FoundPassage(Model):
    """A passage in the order of retrieval, with the scores of each stage (None: that stage did not find it)."""

    span: Span
    title: str
    text: str
    lexical: float | None
    cosine: float | None
    fused: float


class Sentence(Model):
    """A sentence that was considered as evidence."""

    document: str
    page: int
    text: str
    score: float


class Quote(Model):
    """A citation.

    Attributes:
        number: The [n] in the answer.
        verbatim: It stands on that page, letter for letter.
        spans: Every place of the page where it stands.
    """

    number: int
    document: str
    page: int
    text: str
    header: str
    verbatim: bool
    spans: tuple[Span, ...]


class Outcome(Model):
    """One question: what was asked, what is right, what was found, what was answered.

    Attributes:
        ranked: What retrieval found is known; where it is not, passages, pages and documents are empty.
        error: Why it could not be answered at all; such a question is a miss in everything.
        pages, documents: Distinct ones in rank order: pairs of document and page, and documents.
        status: answered, abstained or failed; empty when there was an error.
        hard_answered: Whether it would be answered with its gold passages taken away; None: not tried.
        hard_confidence: The confidence then.
        agrees: What a judge said of the answer; None: none was asked.
        usd: What it cost.
    """

    question: AskedQuestion
    gold: tuple[Gold, ...] = ()
    ranked: bool = True
    error: str = ""
    passages: tuple[FoundPassage, ...] = ()
    pages: tuple[tuple[str, int], ...] = ()
    documents: tuple[str, ...] = ()
    evidence: tuple[Sentence, ...] = ()
    confidence: float = 0.0
    status: str = ""
    text: str = ""
    reason: str = ""
    model: str = ""
    citations: tuple[Quote, ...] = ()
    hard_answered: bool | None = None
    hard_confidence: float | None = None
    agrees: bool | None = None
    milliseconds: dict[str, float] = {}
    usd: float = 0.0
    tokens: dict[str, int] = {}

    @property
    def answered(self) -> bool:
        """Whether an answer was given."""
        return self.status == "answered"


_OUTCOME = TypeAdapter(Outcome)


def write_outcomes(folder: Path, outcomes: Iterable[Outcome]) -> None:
    """One line a question."""
    lines = (one.model_dump_json() + "\n" for one in outcomes)
    (folder / FILE).write_text("".join(lines), encoding="utf-8")


def read_outcomes(folder: Path) -> list[Outcome]:
    """What a former run wrote."""
    with (folder / FILE).open(encoding="utf-8") as lines:
        return [_OUTCOME.validate_json(line) for line in lines]
