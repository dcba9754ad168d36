"""Feedback and explanations, from the event to what leaves."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from docqa.runtime.logging import logger
from tests.integration.answering.conftest import AnsweringStack, sample
from tests.integration.answering.test_handlers import asked, body_of


def about(name: str, answer_id: str, body: dict[str, Any] | None = None, **claims: str) -> dict[str, Any]:
    event = sample(name)
    event["pathParameters"] = {"answer_id": answer_id}
    event["requestContext"]["authorizer"]["claims"].update(claims)
    if body is not None:
        event["body"] = json.dumps(body)
    return event


def test_an_answer_is_explained_judged_and_exported(stack: AnsweringStack) -> None:
    answer_id = body_of(stack.invoke("ask_question", asked()))["answer_id"]

    explained = stack.invoke("explain_answer", about("api__explain_answer", answer_id))
    judged = stack.invoke("record_feedback", about("api__record_feedback", answer_id))
    exported = stack.invoke("list_feedback", sample("api__list_feedback"))

    assert (explained["statusCode"], judged["statusCode"], exported["statusCode"]) == (200, 200, 200)
    assert body_of(explained)["trace"]["sentences"][0]["quotable"] is True
    assert body_of(exported)["feedback"] == [body_of(judged)]
    assert body_of(judged)["expected"] == "640 metres"


def test_strangers_get_neither(stack: AnsweringStack) -> None:
    """Promises 35, 42: a foreign id is 404; what others said is for administrators."""
    answer_id = body_of(stack.invoke("ask_question", asked()))["answer_id"]
    stranger = {"sub": "somebody-else", "cognito:groups": "finance"}
    elsewhere = {"custom:tenant": "globex"}
    listing = sample("api__list_feedback")
    listing["requestContext"]["authorizer"]["claims"].update(stranger)

    for claims in (stranger, elsewhere):
        assert stack.invoke("explain_answer", about("api__explain_answer", answer_id, **claims))["statusCode"] == 404
        assert stack.invoke("record_feedback", about("api__record_feedback", answer_id, **claims))["statusCode"] == 404
    assert stack.invoke("list_feedback", listing)["statusCode"] == 403


def test_an_answer_that_is_still_made_is_neither_explained_nor_judged(stack: AnsweringStack) -> None:
    answer_id = body_of(stack.invoke("ask_question", asked(Prefer="respond-async")))["answer_id"]

    assert stack.invoke("explain_answer", about("api__explain_answer", answer_id))["statusCode"] == 202
    assert stack.invoke("record_feedback", about("api__record_feedback", answer_id))["statusCode"] == 409


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '{"verdict": "maybe"}',
        '{"verdict": "wrong", "page": 1}',
        '{"verdict": "wrong", "unanswerable": true, "expected": "640 metres"}',
    ],
)
def test_malformed_feedback_is_400(stack: AnsweringStack, body: str) -> None:
    """Promise 36: limits on form are 4xx with a problem document."""
    event = about("api__record_feedback", "a-1") | {"body": body}

    answer = stack.invoke("record_feedback", event)

    assert (answer["statusCode"], body_of(answer)["status"]) == (400, 400)


def test_their_logs_hold_no_content(
    stack: AnsweringStack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 49: ids only."""
    answer_id = body_of(stack.invoke("ask_question", asked()))["answer_id"]
    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)

    stack.invoke("explain_answer", about("api__explain_answer", answer_id))
    stack.invoke("record_feedback", about("api__record_feedback", answer_id))
    stack.invoke("record_feedback", about("api__record_feedback", answer_id, {"verdict": "Zeppelin"}))
    stack.invoke("list_feedback", sample("api__list_feedback"))

    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert len(written) == 4
    assert all(line["tenant"] == "acme" and line["request_id"] for line in written)
    for content in ("runway", "640", "grass", "zeppelin", "handbook"):
        assert content not in (lines.getvalue() + caplog.text).lower()
