from __future__ import annotations

import json
from pathlib import Path

from docqa.models.answer import Answer
from docqa.models.trace import (
    AnswerTrace,
    CandidateTrace,
    Explanation,
    JudgedSentence,
    SentenceTrace,
    VersionTrace,
    WrittenTrace,
)
from tests.fakes.http_api import DOCUMENT_ID, FakeHttpApi, answer_body
from tests.unit.cli.conftest import Docqa
from tests.unit.cli.test_questions import PENDING, problem

RECORD = {"answer_id": "a-1", "question": "How long?", "verdict": "wrong", "expected": "640 metres"}
NO_ANSWER = "--unanswerable says that there is no answer: leave --expected, --document and --page out."
VERSION = {"document_id": DOCUMENT_ID, "generation": 2}
TRACE = AnswerTrace(
    candidates=(
        CandidateTrace(
            **VERSION, title="Handbook", page=2, ordinal=0, lexical=4.2, cosine=None, score=0.9, considered=True
        ),
    ),
    found=7,
    dropped=(VersionTrace(document_id=DOCUMENT_ID, generation=1),),
    sentences=(
        SentenceTrace(
            **VERSION, page=2, text="It is \x1b[31m640 m.", coverage=0.5, score=1.1, cosine=0.655, quotable=True
        ),
    ),
    features={"best_passage_coverage": 0.75},
    confidence=0.8,
    threshold=0.5,
    written=(
        WrittenTrace(
            passages=(VersionTrace(**VERSION),),
            text="It is 640 m [1]. It is green [1].",
            sentences=(
                JudgedSentence(text="It is 640 m.", cited=(1,), removed=None),
                JudgedSentence(text="It is green.", cited=(1,), removed="no passage says so"),
            ),
        ),
    ),
    withheld=3,
)


def test_a_wrong_answer_is_reported_with_what_it_should_have_been(docqa: Docqa, service: FakeHttpApi) -> None:
    service.served["POST /answers/a-1/feedback"] = (200, RECORD)

    result = docqa("feedback", "a-1", "--wrong", "--expected", "640 metres", "--document", DOCUMENT_ID, "--page", "2")

    assert result.exit_code == 0, result.stderr
    assert service.sent("POST", "/answers/a-1/feedback") == [
        {"verdict": "wrong", "expected": "640 metres", "document_id": DOCUMENT_ID, "page": 2}
    ]


def test_that_there_is_no_answer_can_be_said(docqa: Docqa, service: FakeHttpApi) -> None:
    service.served["POST /answers/a-1/feedback"] = (200, RECORD | {"expected": None, "unanswerable": True})

    result = docqa("feedback", "a-1", "--wrong", "--unanswerable")

    assert result.exit_code == 0, result.stderr
    assert service.sent("POST", "/answers/a-1/feedback") == [{"verdict": "wrong", "unanswerable": True}]


def test_one_verdict_has_to_be_given(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 36: wrong usage is told before anything is sent."""
    for arguments, sentence in (
        ([], "Say either --right or --wrong."),
        (["--right", "--wrong"], "Say either --right or --wrong."),
        (["--wrong", "--page", "2"], "--page is a page of a document: say --document ID, too."),
        (["--wrong", "--document", "9"], "--document '9' is no document's id: docqa documents lists them."),
        (["--wrong", "--expected", "x" * 2001], "--expected must have at most 2,000 characters."),
        (["--wrong", "--unanswerable", "--expected", "640 metres"], NO_ANSWER),
        (["--wrong", "--unanswerable", "--document", DOCUMENT_ID], NO_ANSWER),
        (["--wrong", "--unanswerable", "--page", "2"], NO_ANSWER),
    ):
        result = docqa("feedback", "a-1", *arguments)
        assert (result.exit_code, result.stderr) == (2, f"{sentence}\n")
    assert service.requests == []


def test_an_answer_that_is_not_there_has_its_own_exit_code(docqa: Docqa, service: FakeHttpApi) -> None:
    service.refusals["POST /answers/a-9/feedback"] = problem(404, "Not found", "There is no such answer.")

    assert docqa("feedback", "a-9", "--right").exit_code == 5


def test_feedback_is_exported_page_by_page_as_lines(docqa: Docqa, service: FakeHttpApi, tmp_path: Path) -> None:
    other = RECORD | {"answer_id": "a-2", "expected": None, "unanswerable": True}
    service.feedback = [{"feedback": [RECORD], "cursor": "next"}, {"feedback": [other], "cursor": None}]
    out = tmp_path / "feedback.jsonl"

    result = docqa("export-feedback", "--out", out)

    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert result.exit_code == 0, result.stderr
    assert [line["answer_id"] for line in lines] == ["a-1", "a-2"]
    fields = {"answer_id", "question", "verdict", "expected", "document_id", "page", "unanswerable", "comment"}
    assert set(lines[0]) == fields
    assert [line["unanswerable"] for line in lines] == [False, True]
    assert [request.url.params.get("cursor") for request in service.requests] == [None, "next"]


def test_who_may_not_export_reads_who_may(docqa: Docqa, service: FakeHttpApi) -> None:
    """Nobody is an administrator of the one-machine cloud by themselves."""
    said = "Only administrators may export what others said about their answers."
    service.refusals["GET /feedback"] = problem(403, "Forbidden", said)

    here, there = docqa("export-feedback"), docqa("export-feedback", "--stack", "prod")

    assert (here.exit_code, there.exit_code) == (4, 4)
    assert here.stderr.endswith(f"{said} On the one-machine cloud make admin makes the demo's person one.\n")
    assert "AdminGroup" in there.stderr
    assert "make admin" not in there.stderr


def test_an_explanation_shows_every_stage(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 50: what a document or a model wrote does nothing to the terminal."""
    usage = {"input_tokens": 900, "output_tokens": 40, "embedded_tokens": 7, "usd": 0.0000637}
    explanation = Explanation(answer=Answer.model_validate(answer_body(usage=usage)), trace=TRACE)
    service.served["GET /answers/a-1/explanation"] = (200, explanation.model_dump(mode="json"))

    result = docqa("explain", "a-1")

    assert result.exit_code == 0, result.stderr
    shown = " ".join(result.stdout.split())
    for words in (
        "found: 7 passages", "4.200", "ruled out by the registry", "640 m.", "0.655", "best_passage_coverage",
        "0.8, threshold 0.5: answered", "removed", "no passage says so", "3 entries",
        "cost 0.000064 USD", "900 read, 40 written, 7 embedded",
    ):  # fmt: skip
        assert words in shown
    assert "\x1b" not in result.stdout


def test_an_explanation_without_a_trace_says_so(docqa: Docqa, service: FakeHttpApi) -> None:
    explanation = Explanation(answer=Answer.model_validate(answer_body()), trace=None)
    service.served["GET /answers/a-1/explanation"] = (200, explanation.model_dump(mode="json"))

    assert "not kept" in docqa("explain", "a-1").stdout
    assert json.loads(docqa("explain", "a-1", "--json").stdout)["trace"] is None


def test_an_answer_that_is_still_made_is_not_explained(docqa: Docqa, service: FakeHttpApi) -> None:
    service.served["GET /answers/a-1/explanation"] = (202, PENDING)

    assert docqa("explain", "a-1").exit_code == 6
