"""Questions that end without an answer say so to those who asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from docqa.errors import ConfigurationError, InvalidRequestError, ServiceUnavailableError
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.events import AnswerReady
from docqa.services import outcomes
from docqa.services.question_worker import QuestionFailedError
from tests.unit.answering.desk import BODY, QUESTION, REPLIES, Desk
from tests.unit.answering.library import ANA, TENANT


@pytest.fixture
def desk() -> Desk:
    return Desk()


def fails_with(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ServiceUnavailableError("search"), outcomes.FAILED_FOR_NOW),
        (ConfigurationError("no index"), outcomes.FAILED_BY_SETTINGS),
        (KeyError("embedding"), outcomes.FAILED_INSIDE),
    ],
)
def test_the_last_attempt_ends_in_a_failed_answer(desk: Desk, error: Exception, reason: str) -> None:
    """Promise 38: it is told to the asker, and the message still fails, so that it comes to the dead letters."""
    desk.library.search.before_search = fails_with(error)

    for number in (1, 2):
        with pytest.raises(type(error)):
            desk.receive(BODY, number=number)
    assert desk.sender.sent == []
    with pytest.raises(QuestionFailedError) as failure:
        desk.receive(BODY, number=3)

    ((destination, answer),) = desk.sender.sent
    assert destination == REPLIES
    assert (answer.status, answer.reason, answer.id) == (AnswerStatus.FAILED, reason, "q-7")
    assert (answer.text, answer.citations) == ("", ())
    assert failure.value.__cause__ is error
    assert desk.bus.published == [AnswerReady(tenant=TENANT, answer_id=answer.answer_id, status="failed", id="q-7")]


def test_a_failed_question_over_http_is_shown_as_failed(desk: Desk) -> None:
    desk.library.search.before_search = fails_with(ServiceUnavailableError("search"))
    pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key")

    with pytest.raises(QuestionFailedError):
        desk.worker.resume(pending.answer_id, desk.attempt(3))

    shown = desk.reader.show(pending.answer_id, ANA)
    assert isinstance(shown, Answer)
    assert (shown.status, shown.reason) == (AnswerStatus.FAILED, outcomes.FAILED_FOR_NOW)
    assert desk.bus.published == [AnswerReady(tenant=TENANT, answer_id=pending.answer_id, status="failed")]


def test_brought_back_from_the_dead_letters_it_is_answered_under_the_same_id(desk: Desk) -> None:
    """Promise 52: once the fault is gone, nothing is lost."""
    desk.library.search.before_search = fails_with(ServiceUnavailableError("search"))
    with pytest.raises(QuestionFailedError):
        desk.receive(BODY, number=3)

    desk.library.search.before_search = lambda: None
    desk.receive(BODY, number=1)

    (_, first), (_, second) = desk.sender.sent
    assert first.answer_id == second.answer_id
    assert (first.status, second.status) == (AnswerStatus.FAILED, AnswerStatus.ANSWERED)


def test_a_question_that_another_worker_answers_has_not_failed(desk: Desk) -> None:
    """Promise 41: the last message of two does not overrule the worker that is at it."""

    def receive_again() -> None:
        desk.library.search.before_search = lambda: None
        with pytest.raises(Exception, match="being worked on"):
            desk.receive(BODY, number=3)

    desk.library.search.before_search = receive_again

    assert desk.receive(BODY).status is AnswerStatus.ANSWERED
    assert [answer.status for _, answer in desk.sender.sent] == [AnswerStatus.ANSWERED]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"id": "q-7"}', "question"),
        ('{"question": "", "id": "q-7"}', "question"),
        ('{"question": "Why?", "id": "q-7", "tenant": "globex"}', "tenant"),
        ('{"question": "Why?", "id": "q-7", "top_k": 99}', "top_k"),
        ('{"question": "Why?", "id": "q-7", "reply_to": "nowhere"}', "nowhere"),
    ],
)
def test_who_sent_a_message_that_is_no_question_is_told(desk: Desk, body: str, words: str) -> None:
    """Promise 38: once at once, and once when the queue gives it up; the message itself fails."""
    for number in (1, 2, 3):
        with pytest.raises(InvalidRequestError):
            desk.receive(body, number=number)

    assert [destination for destination, _ in desk.sender.sent] == [REPLIES] * 2
    first, second = (answer for _, answer in desk.sender.sent)
    assert first == second
    assert (first.status, first.id, first.question) == (AnswerStatus.FAILED, "q-7", "")
    assert words in str(first.reason)
    assert desk.library.embeddings.embedded_tokens == 0


@pytest.mark.parametrize(
    "body",
    ["not json", "[]", "[" * 100_000, '{"question": ""}', '{"question": "", "id": 7}', '{"question": "", "id": "a b"}'],
)
def test_a_message_that_nobody_can_be_told_about_just_fails(desk: Desk, body: str) -> None:
    """Promise 38: poison."""
    with pytest.raises(InvalidRequestError):
        desk.receive(body)

    assert (desk.sender.sent, desk.bus.published) == ([], [])
