"""The models behind the protocols, each loaded when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from devstack.modelserver.models.ports import ChatModel, EmbeddingModel, OcrEngine
from devstack.modelserver.settings import ModelServerSettings

T = TypeVar("T")


class Lazy(Generic[T]):
    """Something that is made once, by whoever asks first."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: T | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether it is there already."""
        return self._made is not None

    def get(self) -> T:
        """The thing itself; the first call waits for it."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


class Models:
    """Embedding, chat and OCR, each by its own factory."""

    def __init__(
        self,
        embedding: Callable[[], EmbeddingModel],
        chat: Callable[[], ChatModel],
        ocr: Callable[[], OcrEngine],
    ) -> None:
        self.embedding = Lazy(embedding)
        self.chat = Lazy(chat)
        self.ocr = Lazy(ocr)

    def states(self) -> dict[str, str]:
        """By model: "ready" or "not loaded"."""
        parts: dict[str, bool] = {
            "embedding": self.embedding.is_loaded,
            "chat": self.chat.is_loaded,
            "ocr": self.ocr.is_loaded,
        }
        return {name: "ready" if loaded else "not loaded" for name, loaded in parts.items()}


class TextModels(Protocol):
    """What Bedrock and SageMaker ask."""

    @property
    def embedding(self) -> Lazy[EmbeddingModel]:
        """The embedding model."""

    @property
    def chat(self) -> Lazy[ChatModel]:
        """The chat model."""


class BackgroundModels:
    """The same models for jobs: embedding gives way to questions, chat has one conversation at a time.

    Args:
        models: whose embedding model may be exchanged while the server runs.
    """

    def __init__(self, models: Models) -> None:
        self._models = models

    @property
    def embedding(self) -> Lazy[EmbeddingModel]:
        """Work on it gives way."""
        return Lazy(lambda: self._models.embedding.get().in_background())

    @property
    def chat(self) -> Lazy[ChatModel]:
        """The very same."""
        return self._models.chat


def real_models(settings: ModelServerSettings) -> Models:
    """The packaged models, or a remote one for chat when the settings name it."""

    def embedding() -> EmbeddingModel:
        from devstack.modelserver.models.embedding import BgeSmallEmbedding

        return BgeSmallEmbedding(settings.embedding_model, settings.threads, settings.longest_wait)

    def chat() -> ChatModel:
        if settings.remote_chat is not None:
            from devstack.modelserver.models.remote_chat import OpenAiCompatibleChat

            return OpenAiCompatibleChat(settings.remote_chat)
        from devstack.modelserver.models.chat import SmolLmChat

        return SmolLmChat()

    def ocr() -> OcrEngine:
        from devstack.modelserver.models.ocr import RapidOcr

        return RapidOcr(settings.threads)

    return Models(embedding, chat, ocr)
