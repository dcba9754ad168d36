"""What the demo found: a table for people, build/demo.json for programs, and whether all of it is as it should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.text import Text

from cli.output import literal, one_line, shortened
from cli.views import status_text, table
from devstack.demo.ask import Asked
from devstack.demo.drop import Dropped, seconds_of
from devstack.demo.material import DemoQuestion
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import DocumentView

# Of a long quote; build/demo.json has all of it.
SHOWN_CHARACTERS = 240


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class StageReport(_Frozen):
    """One part of the demo."""

    name: str
    seconds: float


class DocumentReport(_Frozen):
    """One document as it ended.

    Attributes:
        seconds: From its drop to its end; None: it was there from an earlier run.
    """

    key: str
    document_id: str
    status: str
    pages: int
    ocr_pages: int
    chunks: int
    seconds: float | None


class CitationReport(_Frozen):
    """One source of an answer."""

    title: str
    page: int
    quote: str
    uri: str


class AnswerReport(_Frozen):
    """One answer, and the channel through which it was asked for.

    Attributes:
        holds: Whether it says what demo/questions.json expects, or abstains where no document answers.
    """

    channel: str
    question: str
    status: str
    text: str
    citations: list[CitationReport]
    seconds: float
    model: str | None
    holds: bool


class DemoReport(_Frozen):
    """The content of build/demo.json."""

    seconds: float
    stages: list[StageReport]
    documents: list[DocumentReport]
    answers: list[AnswerReport]

    def write(self, file: Path) -> None:
        """As JSON."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.model_dump_json(indent=2) + "\n")


def document_reports(dropped: Sequence[Dropped], views: Mapping[str, DocumentView]) -> list[DocumentReport]:
    """A line a document that was dropped."""
    return [_document_report(one, views[one.document_id]) for one in dropped]


def _document_report(one: Dropped, view: DocumentView) -> DocumentReport:
    seconds = seconds_of(one, view)
    return DocumentReport(
        key=one.document.key,
        document_id=one.document_id,
        status=view.status,
        pages=view.pages.total if view.pages else 0,
        ocr_pages=view.pages.ocr if view.pages else 0,
        chunks=view.chunks or 0,
        seconds=None if seconds is None else round(seconds, 2),
    )


def answer_reports(asked: Sequence[Asked]) -> list[AnswerReport]:
    """A line a question."""
    return [
        AnswerReport(
            channel=one.question.channel,
            question=one.question.question,
            status=one.answer.status,
            text=one.answer.text,
            citations=[CitationReport.model_validate(source.model_dump()) for source in one.answer.citations],
            seconds=round(one.seconds, 2),
            model=one.answer.model,
            holds=holds(one.question, one.answer),
        )
        for one in asked
    ]


def holds(question: DemoQuestion, answer: Answer) -> bool:
    """Whether the answer says what is expected: in its words, or in a quote from the page where that stands."""
    if question.expects is None:
        return answer.status is AnswerStatus.ABSTAINED
    quotes = [citation.quote for citation in answer.citations if citation.page == question.page]
    expected = _plain(question.expects)
    return answer.status is AnswerStatus.ANSWERED and any(expected in _plain(said) for said in (answer.text, *quotes))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def print_holding(answers: Sequence[AnswerReport], console: Console) -> None:
    """How many of the answers say what is expected, and which do not."""
    missed = [answer.question for answer in answers if not answer.holds]
    console.print(literal(f"{len(answers) - len(missed)} of {len(answers)} answers say what is expected."))
    for question in missed:
        console.print(literal(f"  not: {question}"))


def shortcomings(report: DemoReport, questions: Sequence[DemoQuestion]) -> list[str]:
    """A sentence for whatever is not as the demo promises; none: all is well."""
    found = [f"{one.key} ended as {one.status}, not INDEXED." for one in report.documents if one.status != "INDEXED"]
    if not any(one.ocr_pages for one in report.documents):
        found.append("No page was read by OCR, though one of the documents is a scan.")
    answerable = {question.question: question.is_answerable for question in questions}
    for answer in report.answers:
        found += _shortcomings_of(answer, is_answerable=answerable[answer.question])
    channels = {answer.channel for answer in report.answers}
    found += [f"No answer came through {channel}." for channel in sorted({"http", "queue"} - channels)]
    return found


def _shortcomings_of(answer: AnswerReport, *, is_answerable: bool) -> list[str]:
    if not is_answerable:
        expected = answer.status == AnswerStatus.ABSTAINED
        return [] if expected else [f"“{answer.question}” was {answer.status}, though no document answers it."]
    if answer.status != AnswerStatus.ANSWERED:
        return [f"“{answer.question}” was {answer.status}, though a document answers it."]
    return [] if answer.citations else [f"“{answer.question}” was answered without a citation."]


def print_answers(answers: Sequence[AnswerReport], console: Console) -> None:
    """The table that a person came for: each question, its answer, and where each part of it stands."""
    rows = table("question", "answer", "document", "page", "quote")
    rows.expand = True
    for column, share in zip(rows.columns, (4, 3, 3, None, 7), strict=True):
        column.ratio = share
    for answer in answers:
        cells = [literal(f"{answer.question} ({answer.channel}, {answer.seconds:.1f} s)"), _answer_cell(answer)]
        for citation in answer.citations:
            quote = literal(shortened(citation.quote, SHOWN_CHARACTERS))
            rows.add_row(*cells, literal(one_line(citation.title)), str(citation.page), quote)
            cells = [literal(""), literal("")]
        if not answer.citations:
            rows.add_row(*cells, "", "", "")
        rows.add_section()
    console.print(rows)


def _answer_cell(answer: AnswerReport) -> Text:
    if answer.status != AnswerStatus.ANSWERED:
        return status_text(answer.status)
    if answer.model is None:
        return literal("quoted from the documents")
    return literal(shortened(answer.text, SHOWN_CHARACTERS))
