"""LangChain's messages as prompts, and replies as LangChain's results."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult

from docqa.models.inference import Prompt, Reply


def prompt_of(messages: Sequence[BaseMessage], max_tokens: int, temperature: float) -> Prompt:
    """The messages' texts with their roles; what is neither the system's nor the model's is the user's."""
    return Prompt(tuple((_role(message), message.text) for message in messages), max_tokens, temperature)


def chat_message(reply: Reply, calls: Sequence[ToolCall] = ()) -> AIMessage:
    """The reply as a message with its counted tokens."""
    usage = UsageMetadata(
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        total_tokens=reply.input_tokens + reply.output_tokens,
    )
    return AIMessage(content=reply.text, tool_calls=list(calls), usage_metadata=usage)


def chat_result(reply: Reply, calls: Sequence[ToolCall] = ()) -> ChatResult:
    """One message with its counted tokens."""
    return ChatResult(generations=[ChatGeneration(message=chat_message(reply, calls))])


def _role(message: BaseMessage) -> str:
    if isinstance(message, SystemMessage):
        return "system"
    return "assistant" if isinstance(message, AIMessage) else "user"
