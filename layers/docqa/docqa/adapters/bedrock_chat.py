"""A chat model on Bedrock as LangChain Core's `BaseChatModel`, through Converse.

langchain_aws has one too, at the price of 1.2 s of imports on every cold start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field

from docqa.adapters.bedrock_tools import tool_calls, tool_configuration, turns
from docqa.adapters.model_errors import model_errors

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class BedrockChat(BaseChatModel):
    """Temperature 0 unless bound otherwise; `max_tokens` always set: Bedrock reserves it up front from the quota."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Any = Field(exclude=True, repr=False)
    model: str
    max_tokens: int = Field(gt=0)

    @property
    def _llm_type(self) -> str:
        return "bedrock-converse"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,  # noqa: ARG002 - LangChain's; the model chooses
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The same model with tools that it may call."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain passes it by name
        *,
        temperature: float = 0.0,
        tools: Sequence[dict[str, Any]] = (),
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        configuration: dict[str, Any] = {"maxTokens": self.max_tokens, "temperature": temperature}
        if stop:
            configuration["stopSequences"] = stop
        with model_errors(self.model):
            answer = self.client.converse(
                modelId=self.model,
                system=[{"text": message.text} for message in messages if isinstance(message, SystemMessage)],
                messages=turns(messages),
                inferenceConfig=configuration,
                **({"toolConfig": tool_configuration(tools)} if tools else {}),
            )
        content = answer["output"]["message"]["content"]
        counted = answer.get("usage", {})
        return chat_result(
            "".join(part.get("text", "") for part in content),
            counted.get("inputTokens", 0),
            counted.get("outputTokens", 0),
            tool_calls(content),
        )


def chat_result(text: str, input_tokens: int, output_tokens: int, calls: Sequence[ToolCall] = ()) -> ChatResult:
    """One message with its counted tokens."""
    usage = UsageMetadata(
        input_tokens=input_tokens, output_tokens=output_tokens, total_tokens=input_tokens + output_tokens
    )
    return ChatResult(
        generations=[ChatGeneration(message=AIMessage(content=text, tool_calls=list(calls), usage_metadata=usage))]
    )
