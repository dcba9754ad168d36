"""A chat model that uses tools, by script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.messages.tool import tool_call
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict, Field

Script = Callable[[list[str]], AIMessage | Exception]


def uses(name: str, **arguments: Any) -> AIMessage:
    """The model calls a tool."""
    return AIMessage("", tool_calls=[tool_call(name=name, args=arguments, id=f"call-{name}")], usage_metadata=_usage())


def answers(text: str) -> AIMessage:
    """The model says its last word."""
    return AIMessage(text, usage_metadata=_usage())


def _usage() -> Any:
    return {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}


class ScriptedAgentChat(BaseChatModel):
    """Does what `script` makes of the results of its tools so far.

    Attributes:
        seen: What every call was shown, as one text.
        offered: Names of the tools that it may call.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    script: Script
    seen: list[str] = Field(default_factory=list)
    offered: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted-agent"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        self.offered[:] = [tool.name for tool in tools]
        return self.bind(tools=self.offered)

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.seen.append("\n".join(message.text for message in messages))
        said = self.script([message.text for message in messages if isinstance(message, ToolMessage)])
        if isinstance(said, Exception):
            raise said
        return ChatResult(generations=[ChatGeneration(message=said)])


def in_turn(*steps: AIMessage | Exception) -> ScriptedAgentChat:
    """A model that does these one after the other, whatever the tools return."""
    return ScriptedAgentChat(script=lambda results: steps[len(results)])
