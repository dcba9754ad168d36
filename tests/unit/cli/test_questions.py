import json

import pytest

from tests.fakes.http_api import FakeHttpApi, answer_body
from tests.unit.cli.conftest import Docqa

QUESTION = "How long is the runway?"
PENDING = {"answer_id": "a-1", "location": "/answers/a-1"}


def problem(status: int, title: str, detail: str) -> tuple[int, bytes]:
    return status, json.dumps({"title": title, "status": status, "detail": detail, "instance": "r-1"}).encode()


def test_an_answer_comes_with_document_page_and_quote(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 40: what is shown as a source is the citation's own quote."""
    service.answers = [(200, answer_body())]

    result = docqa("ask", QUESTION)

    assert result.exit_code == 0, result.stderr
    for words in (
        "The runway is 640 metres long [1].",
        "[1]",
        "Handbook",
        "2",
        "Runway 07/25 is grass, 640 metres long.",
    ):
        assert words in result.stdout
    assert service.sent("POST", "/questions") == [{"question": QUESTION}]


def test_the_answers_id_is_said_beside_the_answer_for_explain_and_feedback(docqa: Docqa, service: FakeHttpApi) -> None:
    service.answers = [(200, answer_body())]

    result = docqa("ask", QUESTION)

    assert "docqa explain a-1" in result.stderr
    assert "docqa feedback a-1" in result.stderr
    assert "a-1" not in result.stdout
    assert "explain" not in docqa("ask", QUESTION, "--json").stderr


def test_each_question_carries_its_own_idempotency_key(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 35: a repeated attempt is the same question, another command is another one."""
    service.answers = [(200, answer_body())]

    docqa("ask", QUESTION)
    docqa("ask", QUESTION)

    keys = [request.headers["idempotency-key"] for request in service.requests]
    assert len(set(keys)) == 2


def test_abstaining_has_its_own_exit_code(docqa: Docqa, service: FakeHttpApi) -> None:
    service.answers = [
        (200, answer_body(status="abstained", text="", citations=[], reason="The evidence is too weak."))
    ]

    result = docqa("ask", QUESTION)

    assert result.exit_code == 3
    assert result.stdout == "The evidence is too weak.\n"


def test_a_failed_question_is_a_failure(docqa: Docqa, service: FakeHttpApi) -> None:
    service.answers = [(200, answer_body(status="failed", text="", citations=[], reason="the model is down"))]

    result = docqa("ask", QUESTION, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "failed"
    assert "the model is down" in result.stderr


def test_an_answer_that_was_handed_over_is_waited_for(docqa: Docqa, service: FakeHttpApi) -> None:
    service.answers = [(202, PENDING), (202, PENDING), (200, answer_body())]

    result = docqa("ask", QUESTION, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["answer_id"] == "a-1"


def test_async_prints_the_id_and_does_not_wait(docqa: Docqa, service: FakeHttpApi) -> None:
    service.answers = [(202, PENDING)]

    result = docqa("ask", QUESTION, "--async")

    assert (result.exit_code, result.stdout) == (0, "a-1\n")
    assert service.requests[0].headers["prefer"] == "respond-async"
    assert len(service.requests) == 1


def test_an_answer_that_is_not_there_yet_is_not_in_time(docqa: Docqa, service: FakeHttpApi) -> None:
    service.answers = [(202, PENDING)]

    result = docqa("answer", "a-1", "--json")

    assert result.exit_code == 6
    assert json.loads(result.stdout) == PENDING


@pytest.mark.parametrize(
    ("refusal", "code", "sentence"),
    [
        (problem(400, "Invalid request", "question: too long"), 2, "Invalid request: question: too long"),
        (problem(403, "Not allowed", "Ask its owner."), 4, "Not allowed: Ask its owner."),
        (problem(429, "Too many requests", "Slow down."), 7, "Too many requests: Slow down."),
        (problem(500, "Internal error", "docqa failed."), 1, "Internal error: docqa failed. (reference r-1)"),
        ((401, b'{"message":"Unauthorized"}'), 4, "You are not signed in, or your session has ended: run docqa login."),
        ((504, b"<html>"), 7, "The service answered 504 Gateway Timeout."),
    ],
)
def test_a_refusal_is_one_sentence_and_an_exit_code(
    docqa: Docqa, service: FakeHttpApi, refusal: tuple[int, bytes], code: int, sentence: str
) -> None:
    service.refusals["POST /questions"] = refusal

    result = docqa("ask", QUESTION)

    assert (result.exit_code, result.stdout, result.stderr) == (code, "", sentence + "\n")


def test_a_busy_service_is_asked_again_with_the_same_key(docqa: Docqa, service: FakeHttpApi) -> None:
    service.refusals["POST /questions"] = problem(503, "Temporarily unavailable", "Try again.")

    docqa("ask", QUESTION)

    assert len({request.headers["idempotency-key"] for request in service.requests}) == 1
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([" "], "The question must not be empty."),
        (["x" * 2001], "The question must have at most 2,000 characters."),
        ([QUESTION, "--queue", "--async"], "--queue waits for the reply; --async does not go with it."),
        ([QUESTION, "--document", "999"], "--document '999' is no document's id: docqa documents lists them."),
        ([QUESTION, "--where", "year"], "--where takes NAME=VALUE, not 'year'."),
        ([QUESTION, "--where", f"year={'9' * 300}x"], "--where year: it must be a string of at most 256 characters"),
        ([QUESTION, "--since", "yesterday"], "--since must be a day like 2026-11-30, not 'yesterday'."),
        ([QUESTION, "--since", "2024-01-01", "--until", "2023-01-01"], "Since must not be after until."),
    ],
)
def test_what_cannot_be_asked_is_wrong_usage_and_says_what_to_write(
    docqa: Docqa, service: FakeHttpApi, arguments: list[str], sentence: str
) -> None:
    result = docqa("ask", *arguments)

    assert (result.exit_code, service.requests) == (2, [])
    assert result.stderr.startswith(sentence)


def test_filters_are_options(docqa: Docqa, service: FakeHttpApi) -> None:
    service.answers = [(200, answer_body())]

    options = [
        "--where",
        "year=2023",
        "--where",
        "dept=ops",
        "--where",
        "dept=hr",
        "--where",
        'code="7"',
        "--since",
        "2023-02-01",
    ]
    docqa("ask", QUESTION, *options)

    (body,) = service.sent("POST", "/questions")
    attributes = {"year": [2023.0], "dept": ["ops", "hr"], "code": ["7"]}
    assert body == {"question": QUESTION, "filters": {"attributes": attributes, "since": "2023-02-01"}}


def test_research_is_asked_for_and_waited_for(docqa: Docqa, service: FakeHttpApi) -> None:
    service.answers = [(202, PENDING), (200, answer_body())]

    result = docqa("ask", QUESTION, "--research", "--json")

    assert service.sent("POST", "/questions") == [{"question": QUESTION, "mode": "research"}]
    assert json.loads(result.stdout)["answer_id"] == "a-1"
