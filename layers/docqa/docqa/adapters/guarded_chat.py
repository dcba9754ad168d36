"""A chat model called at its pace, and left alone while it is down: a decorator of LangChain Core's interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable, RunnableBinding
from pydantic import ConfigDict, Field

from docqa.domain.token_bucket import estimated_tokens
from docqa.services.model_calls import Calls

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class GuardedChat(BaseChatModel):
    """A chat model behind rules for its calls. Raises as the model does, and `CircuitOpenError`.

    Attributes:
        max_tokens: Most that the model writes: reserved up front, as Bedrock does.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel
    calls: Any = Field(exclude=True, repr=False, description="A Calls.")
    max_tokens: int = Field(ge=0)

    @property
    def _llm_type(self) -> str:
        return f"guarded-{self.inner._llm_type}"  # noqa: SLF001 - LangChain's own name for it

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The same model with tools, as the guarded one takes them.

        Raises:
            NotImplementedError: it takes none.
        """
        bound = self.inner.bind_tools(tools, tool_choice=tool_choice, **kwargs)
        if not isinstance(bound, RunnableBinding):
            raise NotImplementedError(f"{self.inner._llm_type} binds tools in another way")  # noqa: SLF001
        return self.bind(**bound.kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        ask = self.inner._generate  # noqa: SLF001 - what a chat model is asked to provide
        calls: Calls = self.calls
        return calls.make(
            lambda: ask(messages, stop=stop, run_manager=run_manager, **kwargs),
            estimated_tokens(message.text for message in messages) + self.max_tokens,
            _used_tokens,
        )


def _used_tokens(result: ChatResult) -> int:
    """Tokens read and written, as the service counted them."""
    message = result.generations[0].message
    usage = message.usage_metadata if isinstance(message, AIMessage) else None
    return usage["total_tokens"] if usage else 0
