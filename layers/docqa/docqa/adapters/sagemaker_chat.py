"""A chat model on a SageMaker endpoint that answers at once as LangChain Core's `BaseChatModel`."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from pydantic import ConfigDict, Field

from docqa.adapters.chat_messages import chat_result, prompt_of
from docqa.adapters.content_handlers.handler import ANOTHER_FORM, ChatHandler
from docqa.adapters.model_errors import model_errors
from docqa.adapters.sagemaker_names import EndpointModel
from docqa.errors import ConfigurationError


class SageMakerChat(BaseChatModel):
    """Temperature 0 unless bound otherwise, and `max_tokens` always set.

    `endpoint` with `/archive.tar.gz` is one of the models behind a multi-model endpoint.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Any = Field(exclude=True, repr=False)
    endpoint: str
    max_tokens: int = Field(gt=0)
    handler: Any = Field(exclude=True, repr=False, description="A ChatHandler.")

    @property
    def _llm_type(self) -> str:
        return "sagemaker-endpoint"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain passes it by name
        *,
        temperature: float = 0.0,
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        handler: ChatHandler = self.handler
        prompt = prompt_of(messages, self.max_tokens, temperature)
        named = EndpointModel.of(self.endpoint).members
        with model_errors(self.endpoint):
            response = self.client.invoke_endpoint(
                **named,
                Body=json.dumps(handler.encode([prompt], stop or ())),
                ContentType="application/json",
                Accept="application/json",
            )
            body = response["Body"].read()
        try:
            (answer,) = handler.decode(json.loads(body))
        except ANOTHER_FORM as error:
            raise ConfigurationError(f"{self.endpoint} answers in another format than CHAT_FORMAT says") from error
        return chat_result(answer.value)
