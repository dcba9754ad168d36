"""Calls at the pace of the quota: what waits, what is refused without a call, and who is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from langchain_core.messages import HumanMessage
from langchain_core.tools import StructuredTool

from docqa.adapters.bedrock_chat import BedrockChat
from docqa.adapters.content_handlers.chat_containers import MessagesApi
from docqa.adapters.guarded_chat import GuardedChat
from docqa.adapters.sagemaker_chat import SageMakerChat
from docqa.domain.backoff import Backoff
from docqa.errors import CircuitOpenError, ConfigurationError, ServiceUnavailableError, ThrottledError
from docqa.models.question import Question
from docqa.services.circuit_breaker import FAILURES, CircuitBreaker
from docqa.services.model_calls import CallRules, ModelCalls
from docqa.services.research.agent import Budget, ResearchAgent
from docqa.services.research.researching import Researching
from tests.fakes.messages import ManualClock
from tests.unit.answering.library import ANA, RUNWAY, Library

TWICE = Backoff(attempts=2, first=1.0)


class Service:
    """Answers with tokens used, or raises what it is told to."""

    def __init__(self, *outcomes: int | Exception) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Calls:
    """ModelCalls on a clock that sleeping moves."""

    def __init__(self, rules: CallRules) -> None:
        self.clock = ManualClock()
        self.pauses: list[float] = []
        breaker = CircuitBreaker("model", self.clock)
        self.calls = ModelCalls("model", rules, breaker, self.clock, self._sleep, lambda: 0.5)

    def make(self, service: Callable[[], int], tokens: int) -> int:
        return self.calls.make(service, tokens, lambda used: used)

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.time += seconds


def test_calls_wait_for_their_share_and_what_was_not_needed_makes_the_next_one_sooner() -> None:
    """Promise 30: 600 tokens a minute, a hundred at once."""
    calls = Calls(CallRules(tokens_per_minute=600, longest_wait=60))

    calls.make(Service(100), 100)
    calls.make(Service(20), 100)
    calls.make(Service(100), 100)

    assert calls.pauses == [10.0, 2.0]


def test_a_service_that_counts_nothing_is_charged_what_was_estimated() -> None:
    calls = Calls(CallRules(tokens_per_minute=600, longest_wait=60))

    calls.make(Service(0), 100)
    calls.make(Service(0), 100)

    assert calls.pauses == [10.0]


def test_a_refused_call_took_nothing_from_the_quota() -> None:
    """Promise 30: a retry waits for its jitter, and not for tokens a second time."""
    calls = Calls(CallRules(throttled=TWICE, tokens_per_minute=600, longest_wait=60))

    calls.make(Service(ThrottledError("slow"), 100), 100)

    assert calls.pauses == [0.5]


def test_who_cannot_wait_for_tokens_is_refused_without_a_call() -> None:
    """Promise 37: nothing is paid over the rate, and the circuit stays closed."""
    calls = Calls(CallRules(tokens_per_minute=600, longest_wait=2.0))
    calls.make(Service(100), 100)
    service = Service(100)
    for _ in range(5):
        with pytest.raises(ThrottledError):
            calls.make(service, 100)

    assert (service.calls, calls.pauses) == (0, [])
    calls.clock.time += 8.0
    assert calls.make(service, 100) == 100


@pytest.mark.parametrize("error", [ThrottledError("slow"), ServiceUnavailableError("away")])
def test_attempts_are_bounded(error: Exception) -> None:
    calls = Calls(CallRules(throttled=TWICE, failing=TWICE))
    service = Service(error, error, error)

    with pytest.raises((ThrottledError, ServiceUnavailableError)):
        calls.make(service, 1)
    assert (service.calls, calls.pauses) == (2, [0.5])


def test_what_does_not_pass_by_itself_is_asked_once() -> None:
    calls = Calls(CallRules(throttled=TWICE, failing=TWICE))
    service = Service(ConfigurationError("no access"))

    with pytest.raises(ConfigurationError):
        calls.make(service, 1)
    assert service.calls == 1


def test_an_open_circuit_is_told_at_once() -> None:
    """Promise 39: no pause, no call."""
    calls = Calls(CallRules(failing=Backoff(attempts=5)))
    service = Service(*[ServiceUnavailableError("down")] * 10)

    with pytest.raises(CircuitOpenError):
        calls.make(service, 1)
    assert service.calls == FAILURES
    with pytest.raises(CircuitOpenError):
        calls.make(service, 1)
    assert service.calls == FAILURES


class Converse:
    """Bedrock's Converse: refuses as long as it is told to, and keeps what it is sent."""

    def __init__(self) -> None:
        self.fault: tuple[str, int] | None = ("ServiceUnavailableException", 503)
        self.bodies: list[dict[str, Any]] = []

    def converse(self, **body: Any) -> dict[str, Any]:
        self.bodies.append(body)
        if self.fault:
            code, status = self.fault
            response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(response, "Converse")
        content = [{"text": "The runway is 640 metres long [1]."}]
        return {"output": {"message": {"content": content}}, "usage": {"inputTokens": 30, "outputTokens": 9}}


def guarded(client: Converse, clock: ManualClock, rules: CallRules = CallRules()) -> GuardedChat:  # noqa: B008 - frozen
    chat = BedrockChat(client=client, model="nova", max_tokens=500)
    calls = ModelCalls("nova", rules, CircuitBreaker("nova", clock), clock, lambda _: None, lambda: 0.5)
    return GuardedChat(inner=chat, calls=calls, max_tokens=500)


def test_a_guarded_model_offers_the_tools_of_the_model_behind_it() -> None:
    client = Converse()
    client.fault = None

    def search(query: str) -> str:
        """Search the documents."""
        return query

    model = guarded(client, ManualClock()).bind_tools([StructuredTool.from_function(search)])
    answer = model.invoke([HumanMessage("How long?")])

    (body,) = client.bodies
    assert body["toolConfig"]["tools"][0]["toolSpec"]["name"] == "search"
    assert answer.text == "The runway is 640 metres long [1]."


def test_a_model_without_tools_has_none_behind_its_guard_either() -> None:
    chat = SageMakerChat(client=None, endpoint="llm", max_tokens=50, handler=MessagesApi())
    clock = ManualClock()
    calls = ModelCalls("llm", CallRules(), CircuitBreaker("llm", clock), clock, lambda _: None, lambda: 0.5)
    agent = ResearchAgent(GuardedChat(inner=chat, calls=calls, max_tokens=50), "llm", Budget(3, 1000), clock)

    with pytest.raises(ConfigurationError):
        agent.research("Why?", None, [_tool], clock.now() + 100, agent.meter())


def test_what_a_chat_call_may_write_is_reserved_with_what_it_reads() -> None:
    """Promise 30: `maxTokens` counts up front."""
    client, clock = Converse(), ManualClock()
    client.fault = None
    rules = CallRules(tokens_per_minute=600, longest_wait=0.0)
    model = guarded(client, clock, rules)

    model.invoke([HumanMessage("x" * 400)])  # more than fits in: a full bucket is enough, and it used 39
    clock.time += 3.9
    model.invoke([HumanMessage("x" * 400)])
    with pytest.raises(ThrottledError):
        model.invoke([HumanMessage("x" * 400)])
    assert len(client.bodies) == 2


def test_while_the_chat_model_is_down_a_research_is_given_up_without_asking_it() -> None:
    """Promise 39: the researcher's model has a breaker too; its questions are answered in the ordinary way at once."""
    library = Library()
    library.add("handbook", RUNWAY)
    client = Converse()
    agent = ResearchAgent(guarded(client, library.clock), "nova", Budget(6, 10_000), library.clock)
    service = Researching(library.answering(), library.registry, lambda: agent, library.clock)

    reasons = []
    for number in range(5):
        deadline = library.clock.now() + 300
        question = Question(question="How long is the grass runway?")
        reasons.append(service.answer(question, ANA, f"a-{number}", deadline).answer.reason)

    assert len(client.bodies) == FAILURES
    assert len(set(reasons)) == 1
    assert "quoted" in str(reasons[0]).lower()
    assert json.dumps(client.bodies[0]["inferenceConfig"]) == json.dumps({"maxTokens": 500, "temperature": 0.0})


def _tool(query: str) -> str:
    """Search.

    Args:
        query: What for.
    """
    return query
