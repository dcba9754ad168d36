"""LangChain Core's `BaseChatModel` through jobs: `batch` is one job, for thousands of prompts offline."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import RunnableConfig
from pydantic import ConfigDict, Field

from docqa.adapters.chat_messages import chat_message, chat_result, prompt_of
from docqa.adapters.waiting_jobs import WaitingJobs
from docqa.errors import ConfigurationError, ServiceUnavailableError
from docqa.models.inference import Prompt, RecordResult, Reply


class JobChat(BaseChatModel):
    """`batch` has all its inputs answered by one job and waits; LangChain's own would be a job for each of them.

    `invoke` is a job of one, which batch inference on Bedrock refuses.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    prompts: WaitingJobs[Prompt, Reply] = Field(exclude=True, repr=False)
    max_tokens: int = Field(gt=0)

    @property
    def _llm_type(self) -> str:
        return "inference-jobs"

    def batch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,  # noqa: ARG002 - nothing runs here to be configured
        *,
        return_exceptions: bool = False,
        **kwargs: Any | None,
    ) -> list[AIMessage]:
        """A message for each input, in order; callbacks are not called.

        Args:
            inputs: As LangChain's models take them.
            config: Not used.
            return_exceptions: The exception in the place of the message, instead of raising the first one.
            kwargs: `temperature`, of all of them. Stop words and tools have no place in a job.

        Raises:
            ServiceUnavailableError: a prompt was not answered.
            ConfigurationError: something is asked for that a job cannot do.
        """
        temperature = float(kwargs.pop("temperature", None) or 0.0)
        refused = [name for name, value in kwargs.items() if value]
        if refused:
            raise ConfigurationError(f"a job takes no {', '.join(sorted(refused))}")
        asked = [self._convert_input(given).to_messages() for given in inputs]
        results = self.prompts.answers([prompt_of(messages, self.max_tokens, temperature) for messages in asked])
        outcomes: list[Any] = [_outcome(result) for result in results]
        failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failures and not return_exceptions:
            raise failures[0]
        return outcomes

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain passes it by name
        *,
        temperature: float = 0.0,
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        if stop:
            raise ConfigurationError("a job takes no stop words")
        (result,) = self.prompts.answers([prompt_of(messages, self.max_tokens, temperature)])
        if result.value is None:
            raise _unanswered(result)
        return chat_result(result.value)


def _outcome(result: RecordResult[Reply]) -> AIMessage | ServiceUnavailableError:
    return _unanswered(result) if result.value is None else chat_message(result.value)


def _unanswered(result: RecordResult[Reply]) -> ServiceUnavailableError:
    return ServiceUnavailableError(f"prompt {result.id} was not answered: {result.error}")
