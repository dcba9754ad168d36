"""A chat model on a SageMaker real-time endpoint as LangChain Core's `BaseChatModel`. A setting names the format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatResult
from pydantic import ConfigDict, Field

from docqa.adapters.bedrock_chat import chat_result
from docqa.adapters.model_errors import model_errors
from docqa.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Completion:
    """What a container answered; tokens are 0 where it does not count them."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0


class ChatFormat(Protocol):
    """How a container wants messages and gives an answer."""

    def request(
        self, messages: Sequence[BaseMessage], max_tokens: int, stop: Sequence[str], temperature: float
    ) -> dict[str, object]:
        """The JSON body."""
        ...

    def completion(self, answer: Any) -> Completion:
        """The text of the JSON answer."""
        ...


class MessagesApi:
    """OpenAI-shaped messages, as TGI, vLLM and LMI containers offer them."""

    def request(
        self, messages: Sequence[BaseMessage], max_tokens: int, stop: Sequence[str], temperature: float
    ) -> dict[str, object]:
        """Roles system, user and assistant."""
        turns = [{"role": _role(message), "content": message.text} for message in messages]
        body: dict[str, object] = {"messages": turns, "max_tokens": max_tokens, "temperature": temperature}
        return body | {"stop": list(stop)} if stop else body

    def completion(self, answer: Any) -> Completion:
        """The first choice."""
        usage = answer.get("usage") or {}
        text = answer["choices"][0]["message"]["content"] or ""
        return Completion(text, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0))


class TextGenerationInference:
    """TGI's own format: one text in, one text out; the container does not apply the model's chat template."""

    def request(
        self, messages: Sequence[BaseMessage], max_tokens: int, stop: Sequence[str], temperature: float
    ) -> dict[str, object]:
        """The messages one after the other. Without sampling there is no temperature."""
        parameters: dict[str, object] = {"max_new_tokens": max_tokens, "do_sample": temperature > 0}
        parameters |= {"return_full_text": False} | ({"temperature": temperature} if temperature else {})
        if stop:
            parameters["stop"] = list(stop)
        return {"inputs": "\n\n".join(message.text for message in messages) + "\n\n", "parameters": parameters}

    def completion(self, answer: Any) -> Completion:
        """The generated text alone."""
        first = answer[0] if isinstance(answer, list) else answer
        return Completion(first["generated_text"])


class SageMakerChat(BaseChatModel):
    """Temperature 0 unless bound otherwise, and `max_tokens` always set."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Any = Field(exclude=True, repr=False)
    endpoint: str
    max_tokens: int = Field(gt=0)
    wire: Any = Field(exclude=True, repr=False, description="A ChatFormat.")

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
        wire: ChatFormat = self.wire
        with model_errors(self.endpoint):
            response = self.client.invoke_endpoint(
                EndpointName=self.endpoint,
                Body=json.dumps(wire.request(messages, self.max_tokens, stop or (), temperature)),
                ContentType="application/json",
                Accept="application/json",
            )
            body = response["Body"].read()
        try:
            completion = wire.completion(json.loads(body))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{self.endpoint} answers in another format than CHAT_FORMAT says") from error
        return chat_result(completion.text, completion.input_tokens, completion.output_tokens)


def _role(message: BaseMessage) -> str:
    if isinstance(message, SystemMessage):
        return "system"
    return "assistant" if isinstance(message, AIMessage) else "user"
