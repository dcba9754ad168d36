"""How research is asked for: over HTTP and through queues it is left to the researcher, once."""

from __future__ import annotations

import json

import pytest

from docqa.models.answer import Answer
from docqa.models.api import PendingAnswer
from docqa.models.question import Mode, Question
from tests.unit.answering.desk import QUESTION, QUEUE, REPLIES, Desk
from tests.unit.answering.library import ANA

RESEARCH = QUESTION.model_copy(update={"mode": Mode.RESEARCH})
BODY = json.dumps({"question": QUESTION.question, "id": "q-7", "mode": "research"})


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_over_http_it_is_left_to_the_researcher_and_told_where_the_answer_will_be(desk: Desk) -> None:
    pending = desk.questions.ask(RESEARCH, ANA, desk.deadline, "key")

    assert isinstance(pending, PendingAnswer)
    assert desk.research.sent == [{"answer_id": pending.answer_id}]
    assert desk.handover.sent == []
    assert desk.chat.prompts == []


def test_asked_again_it_is_researched_once(desk: Desk) -> None:
    """Promise 35: one piece of work for one key."""
    first = desk.questions.ask(RESEARCH, ANA, desk.deadline, "key")
    desk.worker.resume(first.answer_id, desk.attempt())

    again = desk.questions.ask(RESEARCH, ANA, desk.deadline, "key")

    assert isinstance(again, Answer)
    assert len(desk.research.sent) == 1


def test_from_a_queue_it_is_left_to_the_researcher_who_delivers_to_the_queues_destination(desk: Desk) -> None:
    principal = desk.queued.principal_of(QUEUE)

    pending = desk.queued.answer(principal, "m-1", BODY, desk.attempt())

    assert isinstance(pending, PendingAnswer)
    assert desk.sender.sent == []
    assert desk.research.sent == [{"answer_id": pending.answer_id}]
    desk.worker.resume(pending.answer_id, desk.attempt())
    assert [(destination, answer.id) for destination, answer in desk.sender.sent] == [(REPLIES, "q-7")]


def test_a_message_that_comes_again_after_the_research_is_answered_from_the_record(desk: Desk) -> None:
    """Promise 38: redelivered messages do no work twice."""
    principal = desk.queued.principal_of(QUEUE)
    pending = desk.queued.answer(principal, "m-1", BODY, desk.attempt())
    desk.worker.resume(pending.answer_id, desk.attempt())

    again = desk.queued.answer(principal, "m-1", BODY, desk.attempt(2))

    assert isinstance(again, Answer)
    assert len(desk.research.sent) == 1


def test_an_unknown_mode_is_refused() -> None:
    """Promise 36: only what the schema names."""
    with pytest.raises(ValueError, match="mode"):
        Question.model_validate({"question": "Why?", "mode": "guess"})
