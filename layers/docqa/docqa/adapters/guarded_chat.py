"""A chat model that is left alone while it is down: a decorator of LangChain Core's interface."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from pydantic import ConfigDict, Field

from docqa.services.circuit_breaker import CircuitBreaker


class GuardedChat(BaseChatModel):
    """A chat model behind a circuit breaker. Raises as the model does, and `CircuitOpenError`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel
    breaker: CircuitBreaker = Field(exclude=True, repr=False)

    @property
    def _llm_type(self) -> str:
        return f"guarded-{self.inner._llm_type}"  # noqa: SLF001 - LangChain's own name for it

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        ask = self.inner._generate  # noqa: SLF001 - what a chat model is asked to provide
        return self.breaker.call(lambda: ask(messages, stop=stop, run_manager=run_manager, **kwargs))
