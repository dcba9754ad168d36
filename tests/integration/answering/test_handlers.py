"""The functions that answer, from the event that starts them to what leaves."""

from __future__ import annotations

import copy
import io
import json
from typing import Any

import boto3
import pytest

from docqa.adapters.sqs import SQSWorkQueue
from docqa.bootstrap import research
from docqa.errors import ServiceUnavailableError
from docqa.runtime.logging import logger
from tests.fakes.answering import ScriptedChat
from tests.fakes.research import answers, in_turn, uses
from tests.integration.answering.conftest import AnsweringStack, sample
from tests.unit.answering.library import RUNWAY

QUESTION = "How long is the grass runway?"


def asked(body: dict[str, Any] | str | None = None, **headers: str) -> dict[str, Any]:
    event = sample("api__ask_question")
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    event["headers"].update({name.replace("_", "-"): value for name, value in headers.items()})
    return event


def shown(answer_id: str, **claims: str) -> dict[str, Any]:
    event = sample("api__show_answer")
    event["pathParameters"]["answer_id"] = answer_id
    event["requestContext"]["authorizer"]["claims"].update(claims)
    return event


def body_of(answer: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def test_a_question_is_answered_with_citations(stack: AnsweringStack) -> None:
    """Promise 40: the citation's quote is verbatim on its page."""
    answer = stack.invoke("ask_question", asked())

    body = body_of(answer)
    assert answer["statusCode"] == 200
    assert (body["status"], body["model"]) == ("answered", "amazon.nova-lite-v1:0")
    assert all(citation["quote"] in RUNWAY for citation in body["citations"])
    assert body["citations"][0]["uri"] == f"/documents/{stack.handbook}/content#page=1"
    assert body["usage"]["usd"] > 0


def test_the_same_key_is_one_model_call_and_another_body_is_refused(stack: AnsweringStack) -> None:
    """Promise 35: the same key and body, the same answer; another body is 422."""
    first, second = (stack.invoke("ask_question", asked()) for _ in range(2))
    other = stack.invoke("ask_question", asked({"question": "Who opened the runway?"}))

    assert first["body"] == second["body"]
    assert len(stack.chat.prompts) == 1
    assert other["statusCode"] == 422
    assert other["headers"]["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '{"question": ""}', '{"question": "a", "top_k": 0}', '{"question": "a", "tenant": "globex"}'],
)
def test_a_malformed_question_is_400(stack: AnsweringStack, body: str) -> None:
    """Promise 36: limits on form are 4xx with a problem document."""
    answer = stack.invoke("ask_question", asked(body))

    assert answer["statusCode"] == 400
    assert body_of(answer)["status"] == 400


def test_a_key_that_is_too_long_is_400(stack: AnsweringStack) -> None:
    answer = stack.invoke("ask_question", asked(Idempotency_Key="k" * 300))

    assert answer["statusCode"] == 400


def test_an_answer_that_is_asked_for_later_is_handed_over_and_shown(stack: AnsweringStack) -> None:
    """Promise 41: the worker records one answer, whatever is delivered twice."""
    pending = stack.invoke("ask_question", asked(Prefer="respond-async"))
    place = pending["headers"]["Location"]
    answer_id = place.removeprefix("/answers/")
    before = stack.invoke("show_answer", shown(answer_id))
    (message,) = stack.take("handover")
    event = sample("handover__question")
    event["Records"][0]["body"] = message["Body"]

    results = [stack.invoke("answer_queued_question", event) for _ in range(2)]

    after = stack.invoke("show_answer", shown(answer_id))
    assert (pending["statusCode"], before["statusCode"], after["statusCode"]) == (202, 202, 200)
    assert results == [{"batchItemFailures": []}] * 2
    assert body_of(after)["status"] == "answered"
    assert len(stack.chat.prompts) == 1


def test_a_stored_answer_is_nobody_elses_and_goes_with_its_document(stack: AnsweringStack) -> None:
    """Promises 35, 43: a foreign id is 404; without its document the answer is withheld."""
    answer_id = body_of(stack.invoke("ask_question", asked()))["answer_id"]

    foreign = stack.invoke("show_answer", shown(answer_id, sub="somebody-else"))
    mine = stack.invoke("show_answer", shown(answer_id))
    stack.library.change(stack.handbook, readers=frozenset())
    after = body_of(stack.invoke("show_answer", shown(answer_id)))

    assert (foreign["statusCode"], mine["statusCode"]) == (404, 200)
    assert (after["text"], after["citations"]) == ("", [])
    assert "640" not in json.dumps(after)


def test_ten_messages_with_one_poison(stack: AnsweringStack) -> None:
    """Promise 38: nine answered once, one returned to its queue and so to the dead letters."""
    event = sample("questions__question")
    (record,) = event["Records"]
    event["Records"] = [copy.deepcopy(record) for _ in range(10)]
    for number, one in enumerate(event["Records"]):
        one["messageId"] = f"m-{number}"
        one["body"] = json.dumps({"question": QUESTION, "id": f"q-{number}"}) if number != 4 else '{"poison": true}'

    first = stack.invoke("answer_queued_question", event)

    replies = stack.take("answers")
    assert first == {"batchItemFailures": [{"itemIdentifier": "m-4"}]}
    correlations = [reply["MessageAttributes"]["correlation_id"]["StringValue"] for reply in replies]
    assert sorted(correlations) == sorted(f"q-{number}" for number in range(10) if number != 4)
    assert len(stack.chat.prompts) == 9


def test_a_queue_that_is_not_registered_is_refused(stack: AnsweringStack) -> None:
    """Promise 42: identity comes from registration alone."""
    event = sample("questions__question")
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:eu-central-1:111122223333:stray"

    result = stack.invoke("answer_queued_question", event)

    assert len(result["batchItemFailures"]) == 1
    assert stack.take("answers") == []


def fail() -> None:
    raise ServiceUnavailableError("search")


def test_search_that_is_down_is_left_to_the_worker(stack: AnsweringStack) -> None:
    """Promise 39: 202 before the deadline; the key stays usable."""
    stack.library.search.before_search = fail
    down = stack.invoke("ask_question", asked())
    stack.library.search.before_search = lambda: None
    up = stack.invoke("ask_question", asked())

    (message,) = stack.take("handover")
    assert (down["statusCode"], up["statusCode"]) == (202, 200)
    assert json.loads(message["Body"]) == {"answer_id": body_of(down)["answer_id"]}


def test_when_the_question_cannot_be_left_to_anybody_it_is_503(
    stack: AnsweringStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 36: what passes by itself says so."""
    stack.library.search.before_search = fail
    monkeypatch.setattr(SQSWorkQueue, "send", lambda *_: fail())

    assert stack.invoke("ask_question", asked())["statusCode"] == 503


def test_a_question_that_fails_for_good_is_told_and_dead_lettered(stack: AnsweringStack) -> None:
    """Promise 38: a failed answer for who asked, and the message for the operator."""
    stack.library.search.before_search = fail
    event = sample("questions__question")
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "3"

    result = stack.invoke("answer_queued_question", event)

    (reply,) = stack.take("answers")
    assert len(result["batchItemFailures"]) == 1
    assert json.loads(reply["Body"])["status"] == "failed"


def test_a_handed_over_question_that_fails_is_shown_as_failed(stack: AnsweringStack) -> None:
    stack.library.search.before_search = fail
    answer_id = body_of(stack.invoke("ask_question", asked()))["answer_id"]
    event = sample("handover__question")
    event["Records"][0]["body"] = json.dumps({"answer_id": answer_id})
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "3"

    result = stack.invoke("answer_queued_question", event)

    after = stack.invoke("show_answer", shown(answer_id))
    assert len(result["batchItemFailures"]) == 1
    assert (after["statusCode"], body_of(after)["status"]) == (200, "failed")


def test_an_answer_over_http_goes_to_its_destination_too(stack: AnsweringStack) -> None:
    answer = stack.invoke("ask_question", asked({"question": QUESTION, "reply_to": "answers"}))
    (message,) = stack.take("handover")
    event = sample("handover__question")
    event["Records"][0]["body"] = message["Body"]
    stack.invoke("answer_queued_question", event)
    unknown = stack.invoke(
        "ask_question", asked({"question": QUESTION, "reply_to": "nowhere"}, Idempotency_Key="other")
    )

    (reply,) = stack.take("answers")
    assert json.loads(reply["Body"]) == body_of(answer)
    assert unknown["statusCode"] == 400
    assert "nowhere" in body_of(unknown)["detail"]


@pytest.mark.parametrize("chat", ["verified", "invented", "down"])
def test_logs_hold_no_content(
    stack: AnsweringStack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, chat: str
) -> None:
    """Promise 49: ids only, over whole answers through HTTP and queue, good and bad."""
    if chat != "verified":
        said = "Zeppelins landed on Mars in 1901 [1]." if chat == "invented" else ServiceUnavailableError("Mars")
        stack.chat = ScriptedChat(script=lambda _: said)
    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    poison = sample("questions__question")
    poison["Records"][0]["body"] = '{"question": "Where do Zeppelins land?", "secret": "Mars"}'

    stack.invoke("ask_question", asked())
    stack.invoke("ask_question", asked({"question": "Where do Zeppelins land?"}, Idempotency_Key="other"))
    stack.invoke("answer_queued_question", sample("questions__question"))
    stack.invoke("answer_queued_question", poison)

    logged = (lines.getvalue() + caplog.text).lower()
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert len(written) >= 6
    assert all(line["tenant"] == "acme" and line["request_id"] for line in written)
    for content in ("runway", "640 m", "grass", "zeppelin", "mars", "service desk", "hart", "handbook"):
        assert content not in logged


def test_a_question_that_nobody_answers_any_more_is_told_of_by_the_sweep(stack: AnsweringStack) -> None:
    """Promise 41: over HTTP and at its destination, and once."""
    accepted = stack.invoke(
        "ask_question", asked({"question": QUESTION, "reply_to": "answers"}, Prefer="respond-async")
    )
    answer_id = body_of(accepted)["answer_id"]
    assert stack.invoke("settle_questions", sample("schedule__questions")) == {}
    assert stack.take("answers") == []
    boto3.client("dynamodb").update_item(
        TableName="questions",
        Key={"answer_id": {"S": answer_id}},
        UpdateExpression="SET settle_at = :long_ago",
        ExpressionAttributeValues={":long_ago": {"N": "1"}},
    )

    for _ in range(2):
        assert stack.invoke("settle_questions", sample("schedule__questions")) == {}

    answer = body_of(stack.invoke("show_answer", shown(answer_id)))
    (sent,) = stack.take("answers")
    assert (answer["status"], answer["answer_id"]) == ("failed", answer_id)
    assert json.loads(sent["Body"])["reason"] == answer["reason"]


def test_a_research_is_left_to_its_function_and_shown_when_it_is_done(stack: AnsweringStack) -> None:
    """Promise 39: a model that takes no tools gives the ordinary answer, and the reason says so."""
    accepted = stack.invoke("ask_question", asked({"question": QUESTION, "mode": "research"}))
    assert accepted["statusCode"] == 202
    (message,) = stack.take("research")
    event = sample("research__question")
    event["Records"][0]["body"] = message["Body"]

    result = stack.invoke("research_question", event, seconds=300)

    answer = body_of(stack.invoke("show_answer", shown(body_of(accepted)["answer_id"])))
    assert result == {"batchItemFailures": []}
    assert answer["status"] == "answered"
    assert answer["reason"].startswith("Answered without research: the chat model cannot use tools")
    assert all(citation["quote"] in RUNWAY for citation in answer["citations"])


def test_a_research_answers_by_what_it_looked_up(stack: AnsweringStack, monkeypatch: pytest.MonkeyPatch) -> None:
    model = in_turn(uses("search", query="length of the runway"), answers("Runway 07/25 is 640 metres long [1]."))
    monkeypatch.setattr(research, "chat_model", lambda settings: model)
    accepted = stack.invoke("ask_question", asked({"question": QUESTION, "mode": "research"}))
    (message,) = stack.take("research")
    event = sample("research__question")
    event["Records"][0]["body"] = message["Body"]

    stack.invoke("research_question", event, seconds=300)

    answer = body_of(stack.invoke("show_answer", shown(body_of(accepted)["answer_id"])))
    assert (answer["text"], answer["reason"]) == ("Runway 07/25 is 640 metres long. [1]", None)
