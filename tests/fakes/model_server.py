"""Models, documents and topics with predictable answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devstack.modelserver.documents import DocumentNotReadableError, NoBucketError, StoredObject
from devstack.modelserver.models.ports import ChatReply, ChatRequest, Line, PromptTooLongError, Vectors, Word
from devstack.modelserver.models.registry import Models


class LengthEmbedding:
    """A text of n characters is the unit vector number n; a token is a word."""

    dimensions = 384

    def __init__(self) -> None:
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        return np.eye(self.dimensions, dtype=np.float32)[[len(text) % self.dimensions for text in texts]]

    def token_vectors(self, text: str) -> Vectors:
        return np.ones((self.count_tokens(text), self.dimensions), dtype=np.float32)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def in_background(self) -> LengthEmbedding:
        return self


@dataclass
class EchoChat:
    """Says what it was last told, cut to max_tokens words; more than 100 words are too many for it."""

    requests: list[ChatRequest] = field(default_factory=list)

    def chat(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        return self.complete(request.messages[-1]["content"], request)

    def complete(self, prompt: str, request: ChatRequest) -> ChatReply:
        words = prompt.split()
        if len(words) > 100:
            raise PromptTooLongError("too many words")
        said = words[: request.max_tokens]
        stopped_by = "length" if len(said) < len(words) else "end"
        return ChatReply(" ".join(said), stopped_by, len(words), len(said))


class OneLineOcr:
    """Reads "page of <height> pixels" on every page."""

    def read(self, picture: NDArray[np.uint8]) -> list[Line]:
        words = tuple(
            Word(text, 0.9, ((left, 0.1), (left + 0.1, 0.1), (left + 0.1, 0.2), (left, 0.2)))
            for text, left in (("page", 0.1), ("of", 0.3), (str(picture.shape[0]), 0.5))
        )
        corners = ((0.1, 0.1), (0.6, 0.1), (0.6, 0.2), (0.1, 0.2))
        return [Line(" ".join(word.text for word in words), 0.95, corners, words)]


@dataclass
class StoredDocuments:
    """Documents by bucket and key."""

    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def read(self, bucket: str, key: str, version: str | None) -> bytes:
        if (bucket, key) not in self.contents:
            raise DocumentNotReadableError(key)
        return self.contents[bucket, key]

    def write(self, bucket: str, key: str, content: bytes, content_type: str) -> None:
        if bucket == "no-such-bucket":
            raise NoBucketError(bucket)
        self.contents[bucket, key] = content

    def list_objects(self, bucket: str, prefix: str) -> list[StoredObject]:
        return sorted(
            (
                StoredObject(key, len(content))
                for (its_bucket, key), content in list(self.contents.items())
                if its_bucket == bucket and key.startswith(prefix)
            ),
            key=lambda found: found.key,
        )


@dataclass
class HeardTopics:
    """Keeps what was published."""

    messages: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, topic_arn: str, message: str) -> None:
        self.messages.append((topic_arn, message))


@dataclass
class HeardEvents:
    """Keeps what was put on the bus: source, detail type, resource, detail."""

    events: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)

    def put(self, source: str, detail_type: str, resource: str, detail: dict[str, Any]) -> None:
        self.events.append((source, detail_type, resource, detail))


def fake_models() -> Models:
    return Models(LengthEmbedding, EchoChat, OneLineOcr)
