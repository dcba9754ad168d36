"""Answers to questions over HTTP that go to a registered destination as well."""

from __future__ import annotations

import pytest

from docqa.errors import InvalidRequestError, ServiceUnavailableError
from docqa.models.answer import Answer
from docqa.models.api import PendingAnswer
from docqa.ports.questions import Destination
from tests.unit.answering.desk import BODY, QUESTION, REPLIES, Desk
from tests.unit.answering.library import ANA, TENANT

TICKETS = Destination("queue", "https://sqs.test/tickets")
ASKED = QUESTION.model_copy(update={"reply_to": "tickets"})


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.channels.destinations[TENANT, "tickets"] = TICKETS
    return desk


def work_off(desk: Desk) -> None:
    for message in desk.handover.sent:
        desk.worker.resume(message["answer_id"], desk.attempt())
    desk.handover.sent.clear()


def test_the_answer_is_returned_and_delivered(desk: Desk) -> None:
    answer = desk.ask(ASKED)
    work_off(desk)

    assert desk.sender.sent == [(TICKETS, answer)]
    assert len(desk.chat.prompts) == 1


def test_an_answer_that_was_handed_over_is_delivered(desk: Desk) -> None:
    pending = desk.questions.ask(ASKED, ANA, desk.deadline, respond_async=True)
    work_off(desk)

    assert isinstance(pending, PendingAnswer)
    ((destination, answer),) = desk.sender.sent
    assert (destination, answer.answer_id) == (TICKETS, pending.answer_id)


def test_a_question_without_a_destination_is_delivered_nowhere(desk: Desk) -> None:
    desk.ask()
    desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)
    work_off(desk)

    assert desk.sender.sent == []


@pytest.mark.parametrize("name", ["nowhere", "board"])
def test_a_destination_that_the_tenant_has_not_is_refused_by_name(desk: Desk, name: str) -> None:
    """Promise 36: before anything is kept or paid; another tenant's destination does not exist."""
    desk.channels.destinations["globex", "board"] = TICKETS

    with pytest.raises(InvalidRequestError, match=name):
        desk.ask(QUESTION.model_copy(update={"reply_to": name}))

    assert (desk.store.records, desk.library.embeddings.embedded_tokens) == ({}, 0)


def test_a_delivery_that_could_not_be_ordered_is_ordered_by_asking_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 41: no lost answer; the same key asks for the same one."""

    def fail(message: object, delay_seconds: int = 0) -> None:
        raise ServiceUnavailableError("SQS")

    with monkeypatch.context() as down:
        down.setattr(desk.handover, "send", fail)
        with pytest.raises(ServiceUnavailableError):
            desk.ask(ASKED)
    answer = desk.ask(ASKED)
    work_off(desk)

    assert desk.sender.sent == [(TICKETS, answer)]
    assert len(desk.chat.prompts) == 1


def test_what_was_closed_meanwhile_is_not_delivered(desk: Desk) -> None:
    """Promise 43: delivery re-checks the documents."""
    desk.ask(ASKED)
    desk.library.change(desk.handbook, readers=frozenset())
    work_off(desk)

    ((_, answer),) = desk.sender.sent
    assert (answer.text, answer.citations) == ("", ())


def test_a_queue_may_name_another_destination_than_its_own(desk: Desk) -> None:
    desk.receive(BODY)
    desk.receive(BODY.replace("q-7", "q-8").replace("}", ', "reply_to": "tickets"}'))

    assert [destination for destination, _ in desk.sender.sent] == [REPLIES, TICKETS]
    assert all(isinstance(answer, Answer) for _, answer in desk.sender.sent)
