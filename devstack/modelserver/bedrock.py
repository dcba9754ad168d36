"""Bedrock runtime: Converse for every chat model id, InvokeModel for Titan v2 and Cohere v3 embeddings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from devstack.modelserver.aws_errors import AwsError, throttled, validation_error
from devstack.modelserver.bedrock_embeddings import EMBEDDING_FAMILIES
from devstack.modelserver.models.ports import (
    ChatBusyError,
    ChatReply,
    ChatRequest,
    ChatUnavailableError,
    EmbeddingBusyError,
    PromptTooLongError,
)
from devstack.modelserver.models.registry import TextModels

# Providers whose chat models Bedrock offers through Converse; each id is answered by the one local chat model.
CHAT_PROVIDERS = (
    "ai21",
    "amazon",
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "meta",
    "mistral",
    "openai",
    "qwen",
    "writer",
)
# What the ids of inference profiles begin with.
REGIONS = ("us", "eu", "apac", "global", "us-gov", "jp", "au")
# Bedrock's default depends on the model; a small model left alone would ramble.
DEFAULT_MAX_TOKENS = 512
STOP_REASONS = {"end": "end_turn", "length": "max_tokens", "stop word": "stop_sequence"}
UNSUPPORTED = {"toolConfig": "tool use", "guardrailConfig": "guardrails", "outputConfig": "structured output"}


class Admission(Protocol):
    """Says of each call whether it may pass."""

    def admits(self) -> bool:
        """Whether one more may pass now; if so it is counted."""


class BedrockRuntime:
    """The operations, from parsed request to response body.

    Args:
        rate: calls that it does not admit get ThrottlingException.
        clock: seconds that only go forward, for latencyMs.
    """

    def __init__(self, models: TextModels, rate: Admission, clock: Callable[[], float] = time.monotonic) -> None:
        self._models = models
        self._rate = rate
        self._clock = clock

    def converse(self, model_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Converse."""
        self._admit()
        if not is_chat(model_id):
            raise validation_error("The provided model identifier is invalid.")
        began = self._clock()
        reply = self._answer(_chat_request(body))
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": reply.text}]}},
            "stopReason": STOP_REASONS[reply.stopped_by],
            "usage": {
                "inputTokens": reply.input_tokens,
                "outputTokens": reply.output_tokens,
                "totalTokens": reply.input_tokens + reply.output_tokens,
            },
            "metrics": {"latencyMs": round((self._clock() - began) * 1000)},
        }

    def invoke(self, model_id: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """InvokeModel of an embedding model: the body, and the input tokens that Bedrock tells in a header."""
        self._admit()
        family = embedding_family(model_id)
        if family is None:
            raise validation_error("The provided model identifier is invalid.")
        try:
            return EMBEDDING_FAMILIES[family](self._models.embedding.get(), body)
        except EmbeddingBusyError as error:
            raise throttled("Too many requests, please wait before trying again.") from error

    def _admit(self) -> None:
        if not self._rate.admits():
            raise throttled("Too many requests, please wait before trying again.")

    def _answer(self, request: ChatRequest) -> ChatReply:
        try:
            return self._models.chat.get().chat(request)
        except PromptTooLongError as error:
            raise validation_error("Input is too long for requested model.") from error
        except ChatBusyError as error:
            raise throttled("Too many requests, please wait before trying again.") from error
        except ChatUnavailableError as error:
            raise AwsError("ServiceUnavailableException", str(error), status=503) from error


def has_region(model_id: str) -> bool:
    """Whether it is the id of an inference profile."""
    return model_id.partition(".")[0] in REGIONS


def is_chat(model_id: str) -> bool:
    """Whether a chat model answers to this id."""
    return _provider(model_id) in CHAT_PROVIDERS and embedding_family(model_id) is None


def _name(model_id: str) -> str:
    """The id without an ARN's front part and without an inference profile's region."""
    name = model_id.rsplit("/", 1)[-1]
    return name.partition(".")[2] if has_region(name) else name


def _provider(model_id: str) -> str:
    return _name(model_id).partition(".")[0]


def embedding_family(model_id: str) -> str | None:
    """What the id of an embedding model that is offered begins with; None: it is no such id."""
    return next((family for family in EMBEDDING_FAMILIES if _name(model_id).startswith(family)), None)


def _chat_request(body: dict[str, Any]) -> ChatRequest:
    for name, feature in UNSUPPORTED.items():
        if body.get(name):
            raise validation_error(f"This model doesn't support {feature}.")
    settings = body.get("inferenceConfig") or {}
    return ChatRequest(
        messages=(*_system(body.get("system") or []), *_messages(body.get("messages") or [])),
        max_tokens=_number(settings, "maxTokens", 1, 1_000_000) or DEFAULT_MAX_TOKENS,
        temperature=_number(settings, "temperature", 0, 1),
        top_p=_number(settings, "topP", 0, 1),
        stop=tuple(settings.get("stopSequences") or ()),
    )


def _system(blocks: list[dict[str, Any]]) -> list[dict[str, str]]:
    text = "\n".join(_text(block) for block in blocks if "cachePoint" not in block)
    return [{"role": "system", "content": text}] if text else []


def _messages(messages: list[dict[str, Any]]) -> list[dict[str, str]]:
    if not messages:
        raise validation_error("The messages field is required and must not be empty.")
    turns = []
    for position, message in enumerate(messages):
        if message.get("role") != ("user", "assistant")[position % 2]:
            raise validation_error(
                "A conversation must start with a user message and alternate between user and assistant roles."
            )
        text = "".join(_text(block) for block in message.get("content") or [] if "cachePoint" not in block)
        if not text.strip():
            raise validation_error(
                "The content field in the Message object is empty. Add a ContentBlock object and try again."
            )
        turns.append({"role": message["role"], "content": text})
    return turns


def _text(block: dict[str, Any]) -> str:
    if not isinstance(block.get("text"), str):
        kind = next(iter(block), "empty")
        raise validation_error(f"This model doesn't support the {kind} content block that you provided.")
    return str(block["text"])


def _number(settings: dict[str, Any], name: str, lowest: float, highest: float) -> Any:
    value = settings.get(name)
    if value is not None and not lowest <= value <= highest:
        raise validation_error(f"Value {value} at 'inferenceConfig.{name}' must be between {lowest} and {highest}.")
    return value
