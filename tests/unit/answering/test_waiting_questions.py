"""While a model is down or throttled, questions wait in their queue, and lose none of their attempts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.waiting_times import MOST_SECONDS, may_wait, seconds_to_wait
from docqa.errors import CircuitOpenError, ServiceUnavailableError, ThrottledError
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import PendingAnswer
from docqa.models.question import Mode, Question
from docqa.services import outcomes
from docqa.services.circuit_breaker import PAUSE_SECONDS, CircuitBreaker
from docqa.services.model_calls import CallRules, ModelCalls
from docqa.services.question_worker import QuestionFailedError
from tests.unit.answering.desk import BODY, QUESTION, REPLIES, Desk
from tests.unit.answering.library import ANA, TENANT

OUTAGES = [CircuitOpenError("down"), ThrottledError("too often")]
ATTEMPTS = 3


@pytest.fixture
def desk() -> Desk:
    return Desk()


def break_embedding(desk: Desk, error: Exception) -> None:
    def fail(_: str) -> list[float]:
        raise error

    desk.library.embeddings.embed_query = fail  # type: ignore[method-assign]


def mend_embedding(desk: Desk) -> None:
    del desk.library.embeddings.embed_query  # type: ignore[method-assign]


def pass_on(desk: Desk, until: float) -> int:
    """Receive what comes back from the queue, each after its delay, as its first receive; how often."""
    received = 0
    while desk.handover.sent and desk.library.clock.time < until:
        message, delay = desk.handover.sent.pop(0), desk.handover.delays.pop(0)
        desk.library.clock.time += delay
        assert desk.worker.resume(message["answer_id"], desk.attempt(1)) == TENANT
        received += 1
    return received


@pytest.mark.parametrize("error", OUTAGES)
@pytest.mark.parametrize("number", [1, ATTEMPTS])
def test_a_queued_question_waits_aside_and_is_answered_where_it_was_asked_to_be(
    desk: Desk, error: Exception, number: int
) -> None:
    """Promise 39: its message is done, also at the last receive, and the answer comes once the model is back."""
    break_embedding(desk, error)

    waits = desk.receive(BODY, number=number)

    assert isinstance(waits, PendingAnswer)
    assert desk.sender.sent == []
    assert desk.handover.sent == [{"answer_id": waits.answer_id}]
    mend_embedding(desk)
    assert pass_on(desk, float("inf")) == 1
    ((destination, answer),) = desk.sender.sent
    assert (destination, answer.answer_id, answer.id) == (REPLIES, waits.answer_id, "q-7")
    assert answer.status is AnswerStatus.ANSWERED


@pytest.mark.parametrize("error", OUTAGES)
def test_an_outage_of_hours_costs_no_question_and_few_receives(desk: Desk, error: Exception) -> None:
    """Promise 39: five hours, and every look at the queue is a new message with all its receives before it."""
    pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key", respond_async=True)
    break_embedding(desk, error)
    start = desk.library.clock.time

    looks = pass_on(desk, start + 5 * 3600)
    mend_embedding(desk)
    pass_on(desk, float("inf"))

    shown = desk.reader.show(pending.answer_id, ANA)
    assert isinstance(shown, Answer)
    assert shown.status is AnswerStatus.ANSWERED
    assert looks < 35


def test_after_hours_a_question_fails_like_any_other(desk: Desk) -> None:
    """Promise 39: nothing waits for ever: then attempts are used up, the asker is told, and the operator alarmed."""
    pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key", respond_async=True)
    break_embedding(desk, CircuitOpenError("down"))
    start = desk.library.clock.time
    with pytest.raises(CircuitOpenError):
        pass_on(desk, float("inf"))
    assert MOST_SECONDS <= desk.library.clock.time - start <= MOST_SECONDS + 900

    with pytest.raises(QuestionFailedError):
        desk.worker.resume(pending.answer_id, desk.attempt(ATTEMPTS))
    shown = desk.reader.show(pending.answer_id, ANA)
    assert isinstance(shown, Answer)
    assert (shown.status, shown.reason) == (AnswerStatus.FAILED, outcomes.FAILED_FOR_NOW)
    assert desk.handover.sent == []


def test_brought_back_from_the_dead_letters_it_may_wait_no_longer_but_is_answered(desk: Desk) -> None:
    """Promise 52: the time that it has waited is on record."""
    pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key", respond_async=True)
    break_embedding(desk, CircuitOpenError("down"))
    with pytest.raises(CircuitOpenError):
        pass_on(desk, float("inf"))
    mend_embedding(desk)

    assert desk.worker.resume(pending.answer_id, desk.attempt()) == TENANT
    assert isinstance(desk.reader.show(pending.answer_id, ANA), Answer)


def test_a_fault_that_is_no_outage_uses_attempts_up_as_before(desk: Desk) -> None:
    def fail() -> None:
        raise ServiceUnavailableError("search")

    desk.library.search.before_search = fail
    with pytest.raises(ServiceUnavailableError):
        desk.receive(BODY)
    assert desk.handover.sent == []


def test_research_waits_in_its_own_queue(desk: Desk) -> None:
    asked = Question(question="How long is the grass runway?", mode=Mode.RESEARCH)
    pending = desk.questions.ask(asked, ANA, desk.deadline, "key")
    assert desk.research.sent == [{"answer_id": pending.answer_id}]
    break_embedding(desk, CircuitOpenError("down"))

    assert desk.worker.resume(pending.answer_id, desk.attempt(ATTEMPTS)) == TENANT
    assert desk.handover.sent == [{"answer_id": pending.answer_id}], "the queue that this worker was given"


def test_the_question_that_meets_the_outage_first_waits_like_the_next_ones(desk: Desk) -> None:
    """Promise 39: the call that opens the circuit says that it is open, so that no receive is spent on finding out."""
    clock = desk.library.clock
    rules = CallRules()
    embedding = ModelCalls("model", rules, CircuitBreaker("model", clock), clock, lambda _: None, lambda: 0.5)
    asked: list[float] = []

    def fail(text: str) -> list[float]:
        def call() -> list[float]:
            asked.append(clock.time)
            raise ServiceUnavailableError("down")

        return embedding.make(call, len(text), len)

    desk.library.embeddings.embed_query = fail  # type: ignore[method-assign]
    pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key", respond_async=True)
    with pytest.raises(ServiceUnavailableError):
        desk.worker.resume(pending.answer_id, desk.attempt(1))
    assert desk.worker.resume(pending.answer_id, desk.attempt(2)) == TENANT

    pass_on(desk, clock.time + 1800)
    assert all(later - earlier >= PAUSE_SECONDS for earlier, later in pairwise(asked[1:]))


@given(st.floats(0, MOST_SECONDS), st.uuids())
def test_each_wait_is_as_long_again_and_within_what_a_queue_can_delay(waited: float, answer_id: object) -> None:
    """Promise 39: and no two questions come back at the same moment for having been refused at the same."""
    seconds = seconds_to_wait(waited, str(answer_id))

    assert min(max(waited, 30.0), 900) - 1 <= seconds <= min(max(waited, 30.0) * 1.5, 900) + 1
    assert may_wait(waited) is (waited < MOST_SECONDS)


def test_questions_that_were_refused_together_come_back_spread_out() -> None:
    """Promise 30: two hundred questions over fifteen seconds."""
    delays = [seconds_to_wait(0.0, f"answer-{number}") for number in range(200)]

    assert (min(delays), max(delays)) == (30, 45)
    assert max(delays.count(second) for second in set(delays)) < 30
