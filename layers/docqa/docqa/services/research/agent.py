"""The agent: LangChain's loop of a chat model and tools, within a budget of steps, tokens and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, AgentState, hook_config
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import StructuredTool

from docqa.domain.prompt_passages import as_data
from docqa.errors import ConfigurationError
from docqa.ports.clock import Clock
from docqa.services.generation import OWN_LANGUAGE, says_no_answer
from docqa.services.time_limits import GENERATION_SECONDS

PROMPT = "research-1"
# Nodes of LangChain's graph that one step passes, with room to spare: the budget ends it, not this.
_NODES_A_STEP = 8


@dataclass(frozen=True, slots=True)
class Budget:
    """What a research may cost.

    Attributes:
        steps: Calls of the chat model.
        tokens: Read and written, in all calls together; a call that begins below it is made.
    """

    steps: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a research came to.

    Attributes:
        text: The answer; empty when the budget was used up, or the documents do not hold it.
    """

    text: str


@dataclass(slots=True)
class Meter:
    """Tokens that one research has spent so far."""

    input_tokens: int = 0
    output_tokens: int = 0


class ResearchAgent:
    """One chat model that can call tools.

    Args:
        model: LangChain Core's interface.
        name: Id of the model.
        budget: Of one research.
        clock: The time.
    """

    def __init__(self, model: BaseChatModel, name: str, budget: Budget, clock: Clock) -> None:
        self.name = name
        self._model = model
        self._budget = budget
        self._clock = clock

    def meter(self) -> Meter:
        """One for the next research."""
        return Meter()

    def research(
        self,
        question: str,
        language: str | None,
        tools: Sequence[Callable[..., str]],
        deadline: float,
        meter: Meter,
    ) -> Report:
        """Look things up until the question can be answered.

        Args:
            question: What is to be found out.
            language: ISO 639-1 code of the answer; None: the question's own.
            tools: Each with a docstring that says to the model what it does and takes.
            deadline: Seconds since the epoch; no call is begun that has less than a generation's time before it.
            meter: Counts what is spent, also by a research that fails.

        Raises:
            ConfigurationError: the model takes no tools.
            ThrottledError, ServiceUnavailableError: model or search cannot answer now.
        """
        spent = _Spending(self._budget, self._clock, deadline, meter)
        offered = [StructuredTool.from_function(tool, parse_docstring=True) for tool in tools]
        agent = create_agent(self._model, offered, system_prompt=_instructions(), middleware=[spent])
        wanted = f"Answer in the language {language} (ISO 639-1)." if language else OWN_LANGUAGE
        task = HumanMessage(f"Question: {as_data(question)}\n{wanted}")
        try:
            state = agent.invoke({"messages": [task]}, {"recursion_limit": self._budget.steps * _NODES_A_STEP + 10})
        except NotImplementedError as error:
            raise ConfigurationError(f"{self.name} cannot be offered tools") from error
        return Report(_answer(state["messages"][-1]))


class _Spending(AgentMiddleware[Any, Any, Any]):
    """Ends the loop before a call that the budget does not allow."""

    def __init__(self, budget: Budget, clock: Clock, deadline: float, meter: Meter) -> None:
        super().__init__()
        self._budget = budget
        self._clock = clock
        self._deadline = deadline
        self._meter = meter

    def after_model(self, state: AgentState[Any], runtime: Any) -> dict[str, Any] | None:  # noqa: ARG002 - LangChain's
        """Count every answer when it comes: a call that fails after it leaves no messages behind."""
        self._meter.input_tokens, self._meter.output_tokens = _tokens(state["messages"])
        return None

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: AgentState[Any], runtime: Any) -> dict[str, Any] | None:  # noqa: ARG002 - LangChain's
        """None: the call is made."""
        messages = state["messages"]
        steps = sum(isinstance(message, AIMessage) for message in messages)
        is_over = (
            steps >= self._budget.steps
            or sum(_tokens(messages)) >= self._budget.tokens
            or self._deadline - self._clock.now() < GENERATION_SECONDS
        )
        return {"jump_to": "end"} if is_over else None


@cache
def _instructions() -> str:
    return files("docqa.services").joinpath("prompts", f"{PROMPT}.system.txt").read_text("utf-8").strip()


def _answer(last: BaseMessage) -> str:
    """The text of the model's last word; nothing where the budget ended before it."""
    if not isinstance(last, AIMessage) or last.tool_calls or says_no_answer(last.text):
        return ""
    return last.text


def _tokens(messages: Sequence[BaseMessage]) -> tuple[int, int]:
    counted = [message.usage_metadata for message in messages if isinstance(message, AIMessage)]
    usages = [usage for usage in counted if usage]
    return sum(usage["input_tokens"] for usage in usages), sum(usage["output_tokens"] for usage in usages)
