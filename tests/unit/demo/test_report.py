import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from devstack.demo.ask import Asked
from devstack.demo.material import DemoQuestion
from devstack.demo.report import (
    AnswerReport,
    DemoReport,
    DocumentReport,
    StageReport,
    answer_reports,
    print_answers,
    print_holding,
    shortcomings,
)
from docqa.models.answer import Answer
from tests.fakes.http_api import answer_body

HTTP = DemoQuestion(channel="http", question="How long?", document="a.pdf", page=2, expects="640")
QUEUE = DemoQuestion(channel="queue", question="Which vaccinations?", document=None, page=None, expects=None)
QUESTIONS = [HTTP, QUEUE]
ABSTAINED = {"status": "abstained", "text": "", "citations": []}


def report(answers: Sequence[AnswerReport] | None = None, **document: Any) -> DemoReport:
    facts = {"status": "INDEXED", "pages": 3, "ocr_pages": 1, "chunks": 7, "seconds": 4.2} | document
    return DemoReport(
        seconds=60.0,
        stages=[StageReport(name="start", seconds=8.1)],
        documents=[DocumentReport(key="demo/a.pdf", document_id="0" * 32, **facts)],
        answers=answered() if answers is None else list(answers),
    )


def answered(http: dict[str, Any] | None = None, queue: dict[str, Any] | None = None) -> list[AnswerReport]:
    answers = [answer_body(**(http or {})), answer_body(**(queue or ABSTAINED))]
    return answer_reports(
        [Asked(asked, Answer.model_validate(body), 0.5) for asked, body in zip(QUESTIONS, answers, strict=True)]
    )


def test_the_file_has_the_agreed_fields(tmp_path: Path) -> None:
    report().write(tmp_path / "build" / "demo.json")

    written = json.loads((tmp_path / "build" / "demo.json").read_text())
    assert list(written) == ["seconds", "stages", "documents", "answers"]
    assert list(written["stages"][0]) == ["name", "seconds"]
    assert list(written["documents"][0]) == [
        "key",
        "document_id",
        "status",
        "pages",
        "ocr_pages",
        "chunks",
        "seconds",
    ]
    assert list(written["answers"][0]) == [
        "channel",
        "question",
        "status",
        "text",
        "citations",
        "seconds",
        "model",
        "holds",
    ]
    assert list(written["answers"][0]["citations"][0]) == ["title", "page", "quote", "uri"]


def test_a_good_demo_has_no_shortcomings() -> None:
    assert shortcomings(report(), QUESTIONS) == []


def test_each_shortcoming_is_a_sentence() -> None:
    cases = {
        "demo/a.pdf ended as FAILED, not INDEXED.": report(status="FAILED"),
        "No page was read by OCR, though one of the documents is a scan.": report(ocr_pages=0),
        "“How long?” was abstained, though a document answers it.": report(answered(http=ABSTAINED)),
        "“How long?” was answered without a citation.": report(answered(http={"citations": []})),
        "“Which vaccinations?” was answered, though no document answers it.": report(
            answered(queue={"status": "answered"})
        ),
        "No answer came through queue.": report(answered()[:1]),
    }
    for sentence, made in cases.items():
        assert shortcomings(made, QUESTIONS) == [sentence]


def test_an_answer_holds_when_it_says_what_is_expected_where_that_stands() -> None:
    page, other = (answer_body()["citations"][0] | {"quote": "It is 640\nmetres long.", "page": n} for n in (2, 3))
    cases = [
        ({"text": "It is 640 metres long. [1]", "citations": []}, True),
        ({"text": "quoted", "citations": [other, page]}, True),
        ({"text": "quoted", "citations": [other]}, False),
        ({"text": "It is long.", "citations": []}, False),
        ({"text": "It is 640 metres long.", "citations": [], "status": "failed"}, False),
    ]
    for body, expected in cases:
        (first, second) = answered(http=body)
        assert (first.holds, second.holds) == (expected, True)
    assert not answered(queue={"status": "answered"})[1].holds, "no document says it"


def test_how_many_hold_is_said_and_which_do_not() -> None:
    console = Console(width=200, record=True, highlight=False)

    print_holding(answered(http={"text": "It is long.", "citations": []}), console)

    assert console.export_text() == "1 of 2 answers say what is expected.\n  not: How long?\n"


def test_the_table_shows_document_page_and_quote_without_obeying_them() -> None:
    """Promise 50: a quote's markup is text."""
    citation = answer_body()["citations"][0] | {"quote": "[red]640[/red] metres\x1b[2J"}
    console = Console(width=200, record=True, highlight=False)

    print_answers(answered(http={"citations": [citation]}), console)

    shown = console.export_text()
    assert re.search(r"Handbook +2 +\[red\]640", shown)
    assert "[red]640[/red] metres[2J" in shown
    assert "abstained" in shown
