"""A chat model on Bedrock as LangChain Core's `BaseChatModel`, through Converse.

langchain_aws has one too, at the price of 1.2 s of imports on every cold start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field

from docqa.adapters.bedrock_tools import tool_calls, tool_configuration, turns
from docqa.adapters.chat_messages import chat_result
from docqa.adapters.content_handlers.converse import converse_reply, converse_request
from docqa.adapters.model_errors import model_errors

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class BedrockChat(BaseChatModel):
    """Temperature 0 unless bound otherwise; `max_tokens` always set."""

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
        system = [message.text for message in messages if isinstance(message, SystemMessage)]
        request = converse_request(system, turns(messages), self.max_tokens, temperature, stop or ())
        with model_errors(self.model):
            answer = self.client.converse(
                modelId=self.model,
                **request,
                **({"toolConfig": tool_configuration(tools)} if tools else {}),
            )
        return chat_result(converse_reply(answer), tool_calls(answer["output"]["message"]["content"]))
