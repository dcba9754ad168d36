"""Questions whose worker ended without a word, or never ran: who asked is told, and a redrive still answers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from docqa.errors import ServiceUnavailableError
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import PendingAnswer
from docqa.models.events import AnswerReady
from docqa.models.question import Mode
from docqa.services import outcomes
from docqa.services.lost_questions import SettledCounts
from docqa.services.time_limits import LEASE_MARGIN_SECONDS, QUIET_SECONDS, RESEARCH_QUIET_SECONDS
from tests.unit.answering.desk import BODY, QUESTION, QUEUE, REPLIES, Desk
from tests.unit.answering.library import ANA, SECONDS, TENANT
from tests.unit.answering.test_killed_workers import Fuse, KilledError, endanger

AFTER_THE_LAST = SECONDS + LEASE_MARGIN_SECONDS


class OutOfMemoryError(BaseException):
    """The process is gone: nothing that it would have cleaned up is cleaned up."""


@pytest.fixture
def desk() -> Desk:
    return Desk()


def kill(desk: Desk) -> None:
    """Let the next search, and all that follow, end the process."""

    def end() -> None:
        raise OutOfMemoryError

    desk.library.search.before_search = end


def fail(desk: Desk) -> None:
    def end() -> None:
        raise ServiceUnavailableError("search")

    desk.library.search.before_search = end


def mend(desk: Desk) -> None:
    desk.library.search.before_search = lambda: None


def killed(desk: Desk, number: int) -> None:
    """One receive whose process is killed."""
    kill(desk)
    with pytest.raises(OutOfMemoryError):
        desk.receive(BODY, number=number)
    (record,) = desk.store.records.values()
    # Here Python runs to its end and releases the question; a killed process has not done so.
    held = replace(record, lease_until=desk.library.clock.now() + AFTER_THE_LAST)
    desk.store.records[record.answer_id] = held


def test_a_worker_that_is_killed_at_the_last_receive_leaves_a_failed_answer(desk: Desk) -> None:
    """Promises 38 and 41: its message comes to the dead letters, and its sender is told within minutes."""
    killed(desk, number=3)
    assert desk.lost.settle() == SettledCounts()
    assert desk.sender.sent == []

    desk.library.clock.time += AFTER_THE_LAST

    assert desk.lost.settle() == SettledCounts(failed=1)
    ((destination, answer),) = desk.sender.sent
    assert destination == REPLIES
    assert (answer.status, answer.reason, answer.id) == (AnswerStatus.FAILED, outcomes.FAILED_CUT_OFF, "q-7")
    assert desk.bus.published == [AnswerReady(tenant=TENANT, answer_id=answer.answer_id, status="failed", id="q-7")]
    assert desk.lost.settle() == SettledCounts()


def test_a_message_whose_last_receive_was_throttled_is_told_of_when_nothing_was_heard_for_an_hour(desk: Desk) -> None:
    """Promise 38: a throttled function counts a receive too, and says nothing."""
    fail(desk)
    for number in (1, 2):
        with pytest.raises(ServiceUnavailableError):
            desk.receive(BODY, number=number)
    desk.library.clock.time += QUIET_SECONDS - 1
    assert desk.lost.settle() == SettledCounts()

    desk.library.clock.time += 1

    assert desk.lost.settle() == SettledCounts(failed=1)
    assert [answer.status for _, answer in desk.sender.sent] == [AnswerStatus.FAILED]


def test_brought_back_from_the_dead_letters_it_is_answered_under_the_same_id(desk: Desk) -> None:
    """Promise 52: telling of the failure took nothing out of the dead letters."""
    killed(desk, number=3)
    desk.library.clock.time += AFTER_THE_LAST
    desk.lost.settle()
    mend(desk)

    desk.receive(BODY, number=1)

    (_, first), (_, second) = desk.sender.sent
    assert first.answer_id == second.answer_id
    assert (first.status, second.status) == (AnswerStatus.FAILED, AnswerStatus.ANSWERED)
    desk.library.clock.time += QUIET_SECONDS
    assert desk.lost.settle() == SettledCounts()


def test_a_question_over_http_that_was_handed_over_and_lost_is_shown_as_failed(desk: Desk) -> None:
    """Promise 41: 202 does not last for ever."""
    pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key", respond_async=True)
    assert isinstance(pending, PendingAnswer)
    desk.library.clock.time += QUIET_SECONDS

    desk.lost.settle()

    shown = desk.reader.show(pending.answer_id, ANA)
    assert isinstance(shown, Answer)
    assert (shown.status, shown.reason) == (AnswerStatus.FAILED, outcomes.FAILED_CUT_OFF)
    assert desk.sender.sent == []
    assert desk.bus.published == [AnswerReady(tenant=TENANT, answer_id=pending.answer_id, status="failed")]


def test_a_function_that_was_killed_while_it_was_asked_leaves_no_question_pending(desk: Desk) -> None:
    kill(desk)
    with pytest.raises(OutOfMemoryError):
        desk.ask()
    desk.library.clock.time += QUIET_SECONDS
    assert desk.lost.settle() == SettledCounts(failed=1)


def test_a_research_has_longer(desk: Desk) -> None:
    question = QUESTION.model_copy(update={"mode": Mode.RESEARCH})
    desk.questions.ask(question, ANA, desk.deadline, "key")
    desk.library.clock.time += RESEARCH_QUIET_SECONDS - 1
    assert desk.lost.settle() == SettledCounts()
    desk.library.clock.time += 1
    assert desk.lost.settle() == SettledCounts(failed=1)


def test_a_research_that_came_through_a_queue_is_told_of_there(desk: Desk) -> None:
    body = BODY.replace("}", ', "mode": "research"}')
    desk.queued.answer(desk.queued.principal_of(QUEUE), "m-1", body, desk.attempt())
    desk.library.clock.time += RESEARCH_QUIET_SECONDS
    desk.lost.settle()
    assert [destination for destination, _ in desk.sender.sent] == [REPLIES]


def test_what_somebody_is_at_work_on_or_has_answered_is_let_be(desk: Desk) -> None:
    """Promise 41: the sweep overrules nobody."""
    desk.ask(key="answered")
    desk.receive(BODY)
    sent = list(desk.sender.sent)
    desk.library.clock.time += QUIET_SECONDS
    assert desk.lost.settle() == SettledCounts()

    def sweep_meanwhile() -> None:
        assert desk.lost.settle() == SettledCounts()

    desk.library.search.before_search = sweep_meanwhile
    desk.receive(BODY, message_id="m-2", number=3)
    assert desk.sender.sent[: len(sent)] == sent
    assert all(answer.status is AnswerStatus.ANSWERED for _, answer in desk.sender.sent)


def test_a_list_that_lags_behind_settles_nothing_before_its_time(desk: Desk) -> None:
    fail(desk)
    with pytest.raises(ServiceUnavailableError):
        desk.receive(BODY)
    (answer_id,) = desk.store.records
    desk.store.unsettled = lambda now, limit: [answer_id, "dropped"]  # type: ignore[method-assign]
    assert desk.lost.settle() == SettledCounts(taken=2)
    assert desk.sender.sent == []


def test_a_destination_that_is_gone_is_not_tried_for_ever(desk: Desk) -> None:
    killed(desk, number=3)
    desk.library.clock.time += AFTER_THE_LAST
    desk.channels.destinations.clear()
    assert desk.lost.settle() == SettledCounts(unreachable=1)
    desk.library.clock.time += QUIET_SECONDS
    assert desk.lost.settle() == SettledCounts()


def test_one_question_that_cannot_be_settled_holds_up_no_other(desk: Desk) -> None:
    for key in ("one", "two"):
        desk.questions.ask(QUESTION, ANA, desk.deadline, key, respond_async=True)
    desk.library.clock.time += QUIET_SECONDS
    first, _ = desk.store.unsettled(desk.library.clock.now(), 2)
    begin: Callable[..., object] = desk.store.begin

    def stumble(record: object, now: float) -> object:
        if getattr(record, "answer_id", "") == first:
            raise KeyError("damaged")
        return begin(record, now)

    desk.store.begin = stumble  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyError):
        desk.lost.settle()
    assert desk.store.unsettled(desk.library.clock.now(), 9) == [first]


def test_killed_at_any_moment_of_the_last_receive_the_sender_hears_of_it_in_the_end() -> None:
    """Promise 41: whatever was recorded by then is what is told, also when it was recorded and not yet sent."""
    outcomes_seen = set()
    for moment in range(1_000):
        desk, fuse = Desk(), Fuse(moment)
        recover = endanger(desk, fuse)
        try:
            desk.receive(BODY, number=3)
        except KilledError:
            recover()
            desk.lost.settle()
        if not fuse.blown:
            break
        if not desk.store.records:
            continue  # nothing of it was known yet: only the message says so, in the dead letters
        (record,) = desk.store.records.values()
        assert record.answer is not None
        assert record.settle_at == 0.0
        assert desk.sender.sent
        assert all(sent == (REPLIES, record.answer) for sent in desk.sender.sent)
        outcomes_seen.add(record.answer.status)
    assert outcomes_seen == {AnswerStatus.FAILED, AnswerStatus.ANSWERED}


def test_killed_at_any_moment_the_sweep_itself_is_finished_by_the_next() -> None:
    """Promise 41: told at least once, and with one outcome."""
    for moment in range(1_000):
        desk, fuse = Desk(), Fuse(moment)
        desk.questions.ask(
            QUESTION.model_copy(update={"reply_to": "answers"}), ANA, desk.deadline, "key", respond_async=True
        )
        desk.library.clock.time += QUIET_SECONDS
        recover = endanger(desk, fuse)
        try:
            desk.lost.settle()
        except KilledError:
            recover()
            desk.lost.settle()
        (record,) = desk.store.records.values()
        assert record.settle_at == 0.0
        assert {answer.status for _, answer in desk.sender.sent} == {AnswerStatus.FAILED}
        if not fuse.blown:
            return
    pytest.fail("the sweep never ended")
