"""A model that is down is left alone, and found again when it is back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from docqa.adapters.guarded_chat import GuardedChat
from docqa.errors import CircuitOpenError, ConfigurationError, ServiceUnavailableError, ThrottledError
from docqa.models.api import PendingAnswer
from docqa.services import outcomes
from docqa.services.circuit_breaker import FAILURES, PAUSE_SECONDS, CircuitBreaker
from docqa.services.model_calls import CallRules, ModelCalls
from docqa.services.questions import Questions
from tests.fakes.answering import ScriptedChat
from tests.fakes.messages import ManualClock
from tests.unit.answering.desk import QUESTION, Desk
from tests.unit.answering.library import ANA, RUNWAY, Library

TEXT = "How long is the grass runway?"
GOOD = "The runway is 640 metres long [1]."


class Patient:
    """A service that is down as long as it is told to be."""

    def __init__(self) -> None:
        self.error: Exception | None = ServiceUnavailableError("down")
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.error:
            raise self.error
        return "well"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def breaker(clock: ManualClock) -> CircuitBreaker:
    return CircuitBreaker("model", clock)


def open_up(breaker: CircuitBreaker, patient: Patient) -> None:
    for _ in range(FAILURES):
        with pytest.raises(ServiceUnavailableError):
            breaker.call(patient)


def test_it_opens_after_failures_in_a_row(breaker: CircuitBreaker) -> None:
    """Promise 39: the circuit breaker opens."""
    patient = Patient()
    open_up(breaker, patient)

    with pytest.raises(CircuitOpenError):
        breaker.call(patient)

    assert patient.calls == FAILURES


def test_it_closes_when_the_service_is_back(breaker: CircuitBreaker, clock: ManualClock) -> None:
    """Promise 39: the circuit breaker closes: one call finds out, and then all are let through."""
    patient = Patient()
    open_up(breaker, patient)
    patient.error = None
    clock.time += PAUSE_SECONDS

    assert [breaker.call(patient) for _ in range(3)] == ["well"] * 3


def test_a_trial_that_fails_starts_another_pause(breaker: CircuitBreaker, clock: ManualClock) -> None:
    """Promise 39: a service that stays down costs one call a pause."""
    patient = Patient()
    open_up(breaker, patient)
    for _ in range(100):
        clock.time += PAUSE_SECONDS / 10
        with pytest.raises(ServiceUnavailableError):
            breaker.call(patient)

    assert FAILURES + 9 <= patient.calls <= FAILURES + 10


def test_failures_that_are_not_in_a_row_do_not_open_it(breaker: CircuitBreaker) -> None:
    patient = Patient()
    for _ in range(10):
        patient.error = ThrottledError("slow down")
        with pytest.raises(ThrottledError):
            breaker.call(patient)
        patient.error = None
        assert breaker.call(patient) == "well"


def test_a_refusal_for_good_is_no_outage(breaker: CircuitBreaker) -> None:
    patient = Patient()
    patient.error = ConfigurationError("no access")
    for _ in range(5):
        with pytest.raises(ConfigurationError):
            breaker.call(patient)

    assert patient.calls == 5


def test_only_one_of_many_at_once_tries_it(breaker: CircuitBreaker, clock: ManualClock) -> None:
    """Promise 39: a service that comes back is not met by everybody at once."""
    patient = Patient()
    open_up(breaker, patient)
    clock.time += PAUSE_SECONDS
    together = threading.Barrier(8)
    release = threading.Event()
    tried = []

    def slow_trial() -> str:
        tried.append(1)
        release.wait(10)
        return "well"

    def attempt(_: int) -> str:
        together.wait(10)
        try:
            return breaker.call(slow_trial)
        except CircuitOpenError:
            if len(refused) == 6:
                release.set()
            refused.append(1)
            return "turned away"

    refused: list[int] = []
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(attempt, range(8)))

    assert sorted(results) == ["turned away"] * 7 + ["well"]
    assert len(tried) == 1


def test_a_trial_that_was_killed_is_followed_by_another(breaker: CircuitBreaker, clock: ManualClock) -> None:
    class Killed(BaseException):
        pass

    def be_killed() -> str:
        raise Killed

    patient = Patient()
    open_up(breaker, patient)
    patient.error = None
    clock.time += PAUSE_SECONDS
    with pytest.raises(Killed):
        breaker.call(be_killed)
    clock.time += PAUSE_SECONDS

    assert breaker.call(patient) == "well"


def test_while_the_chat_model_is_down_questions_are_quoted_at_once() -> None:
    """Promise 39: model down, quoted evidence; one question waits for it, the next ones do not, until it is back."""
    library = Library()
    library.add("handbook", RUNWAY)
    state: dict[str, str | Exception] = {"says": ServiceUnavailableError("down")}
    chat = ScriptedChat(script=lambda _: state["says"])
    guarded = GuardedChat(inner=chat, calls=calls_to("chat", library.clock), max_tokens=500)
    service = library.answering(guarded)

    def ask() -> str | None:
        deadline = library.clock.now() + 27
        return service.conclude(service.find_grounds(QUESTION, ANA, "a", deadline), deadline).answer.reason

    during = [ask() for _ in range(5)]
    calls = len(chat.prompts)
    state["says"] = GOOD
    still_open = ask()
    library.clock.time += PAUSE_SECONDS
    after = [ask() for _ in range(3)]

    assert during == [outcomes.QUOTED_MODEL_DOWN] * 5
    assert calls == FAILURES
    assert still_open == outcomes.QUOTED_MODEL_DOWN
    assert after == [None] * 3


def test_while_the_embedding_model_is_down_questions_are_left_to_the_worker_at_once() -> None:
    """Promise 39: nobody waits for what is known to be down."""
    desk = Desk()
    down = Broken()
    calls = calls_to("embedding", desk.library.clock)
    desk.library.embeddings.embed_query = lambda text: calls.make(lambda: down(text), 1, len)  # type: ignore[method-assign]
    numbers = count()
    questions = Questions(
        desk.library.answering(),
        desk.store,
        desk.reader,
        desk.channels,
        desk.handover,
        desk.research,
        lambda: f"random-{next(numbers)}",
        desk.library.clock,
    )

    found = [questions.ask(QUESTION, ANA, desk.deadline) for _ in range(4)]

    assert all(isinstance(one, PendingAnswer) for one in found)
    assert down.calls == FAILURES
    assert len(desk.handover.sent) == 4


def calls_to(name: str, clock: ManualClock, rules: CallRules = CallRules()) -> ModelCalls:  # noqa: B008 - frozen
    return ModelCalls(name, rules, CircuitBreaker(name, clock), clock, lambda _: None, lambda: 0.5)


class Broken:
    """An embedding model that does not answer."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _: str) -> list[float]:
        self.calls += 1
        raise ServiceUnavailableError("embedding")
