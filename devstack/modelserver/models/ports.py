"""What the protocols need from the models behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

# The embedding model card's instruction for queries, https://huggingface.co/BAAI/bge-small-en-v1.5
QUERY_PREFIX = "Represent this sentence for searching relevant passages: "


class EmbeddingModel(Protocol):
    """Turns texts into vectors of `dimensions` floats."""

    dimensions: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """N unit vectors, shape (n, dimensions), in the texts' order.

        Raises:
            EmbeddingBusyError: too many texts are waiting already.
        """

    def token_vectors(self, text: str) -> Vectors:
        """One vector a token, shape (tokens, dimensions), not normalised."""

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole text, also of the part that the model cuts off."""

    def in_background(self) -> EmbeddingModel:
        """The same model, with the same vectors, for work that gives way to everybody else's and is never refused."""


class EmbeddingBusyError(Exception):
    """The model has enough to do: try again later."""


@dataclass(frozen=True)
class ChatRequest:
    """One turn to be answered. `messages` are OpenAI-shaped: role and content."""

    messages: tuple[dict[str, str], ...]
    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChatReply:
    """What the model said, why it stopped ("end", "length" or "stop word"), and what it used, in tokens."""

    text: str
    stopped_by: str
    input_tokens: int
    output_tokens: int


class ChatModel(Protocol):
    """Answers conversations and continues raw prompts."""

    def chat(self, request: ChatRequest) -> ChatReply:
        """Answer the last message.

        Raises:
            PromptTooLongError: the conversation does not fit the model.
            ChatBusyError: a remote model is over its quota.
            ChatUnavailableError: a remote model does not answer.
        """

    def complete(self, prompt: str, request: ChatRequest) -> ChatReply:
        """Continue `prompt` as it stands; `request.messages` is ignored. Errors as in `chat`."""


class ChatError(Exception):
    """The chat model gave no answer."""


class PromptTooLongError(ChatError):
    """The conversation does not fit the model's context."""


class ChatBusyError(ChatError):
    """The model is over its quota: try again later."""


class ChatUnavailableError(ChatError):
    """The model cannot be reached or failed."""


@dataclass(frozen=True)
class Word:
    """A word on a page: confidence 0 to 1, corners clockwise from top left as fractions of width and height."""

    text: str
    confidence: float
    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Line(Word):
    """A line of words, left to right."""

    words: tuple[Word, ...] = ()


class OcrEngine(Protocol):
    """Reads the text on a picture of a page."""

    def read(self, picture: NDArray[np.uint8]) -> list[Line]:
        """Lines of an RGB picture, shape (height, width, 3), in reading order."""
