"""What could not be found while the index is being filled again is looked for anew, under the same key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docqa.models.answer import AnswerStatus
from docqa.services.outcomes import INDEX_INCOMPLETE, NOT_IN_DOCUMENTS
from docqa.services.time_limits import LEASE_MARGIN_SECONDS
from tests.unit.answering.desk import BODY, Desk
from tests.unit.answering.library import RUNWAY, SECONDS


@pytest.fixture
def desk() -> Desk:
    """Of the handbook no passage is in the index yet."""
    desk = Desk()
    desk.library.search.chunks.clear()
    fill(desk, complete=False)
    return desk


def fill(desk: Desk, *, complete: bool) -> None:
    configuration = desk.library.registry.configuration
    assert configuration is not None
    desk.library.registry.configuration = replace(configuration, complete=complete)
    if complete:
        desk.library.add("handbook", RUNWAY)
    # The configuration is read again, and no lease is left.
    desk.library.clock.time += SECONDS + LEASE_MARGIN_SECONDS


def test_the_same_key_over_http_is_answered_once_the_index_is_whole(desk: Desk) -> None:
    """Promise 35: "ask again later" is not repeated for thirty days."""
    first = desk.ask(key="k")
    assert (first.status, first.reason) == (AnswerStatus.ABSTAINED, INDEX_INCOMPLETE)

    fill(desk, complete=True)
    second = desk.ask(key="k")

    assert (second.answer_id, second.status) == (first.answer_id, AnswerStatus.ANSWERED)
    assert desk.ask(key="k") == second


def test_the_same_id_from_a_queue_too(desk: Desk) -> None:
    first = desk.receive(BODY)
    assert first.reason == INDEX_INCOMPLETE

    fill(desk, complete=True)
    desk.receive(BODY, message_id="m-2")

    assert [answer.status for _, answer in desk.sender.sent] == [AnswerStatus.ABSTAINED, AnswerStatus.ANSWERED]
    assert {answer.answer_id for _, answer in desk.sender.sent} == {first.answer_id}


def test_what_a_whole_index_does_not_answer_is_an_answer(desk: Desk) -> None:
    """Promise 35: the same key, the same answer."""
    fill(desk, complete=True)
    desk.library.search.chunks.clear()
    first = desk.ask(key="k")
    assert first.reason == NOT_IN_DOCUMENTS

    fill(desk, complete=True)

    assert desk.ask(key="k") == first
