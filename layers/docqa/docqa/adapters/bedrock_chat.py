"""A chat model on Bedrock as LangChain Core's `BaseChatModel`, through Converse.

langchain_aws has one too, at the price of 1.2 s of imports on every cold start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict, Field

from docqa.adapters.model_errors import model_errors


class BedrockChat(BaseChatModel):
    """Temperature 0 unless bound otherwise; `max_tokens` always set: Bedrock reserves it up front from the quota."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Any = Field(exclude=True, repr=False)
    model: str
    max_tokens: int = Field(gt=0)

    @property
    def _llm_type(self) -> str:
        return "bedrock-converse"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain passes it by name
        *,
        temperature: float = 0.0,
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        configuration: dict[str, Any] = {"maxTokens": self.max_tokens, "temperature": temperature}
        if stop:
            configuration["stopSequences"] = stop
        with model_errors(self.model):
            answer = self.client.converse(
                modelId=self.model,
                system=[{"text": message.text} for message in messages if isinstance(message, SystemMessage)],
                messages=_turns(messages),
                inferenceConfig=configuration,
            )
        text = "".join(part.get("text", "") for part in answer["output"]["message"]["content"])
        counted = answer.get("usage", {})
        return chat_result(text, counted.get("inputTokens", 0), counted.get("outputTokens", 0))


def chat_result(text: str, input_tokens: int, output_tokens: int) -> ChatResult:
    """One message with its counted tokens."""
    usage = UsageMetadata(
        input_tokens=input_tokens, output_tokens=output_tokens, total_tokens=input_tokens + output_tokens
    )
    return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text, usage_metadata=usage))])


def _turns(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    return [
        {"role": "assistant" if isinstance(message, AIMessage) else "user", "content": [{"text": message.text}]}
        for message in messages
        if not isinstance(message, SystemMessage)
    ]
