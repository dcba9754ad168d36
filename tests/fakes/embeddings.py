"""Embeddings without a model: equal texts have equal vectors, texts with common words have similar ones."""

from __future__ import annotations

import hashlib
import math
import re

from langchain_core.embeddings import Embeddings


class HashedWordEmbeddings(Embeddings):
    """Each word adds one to a place that its hash chooses; vectors have length 1.

    Attributes:
        embedded: Texts embedded so far, in order: what was paid for.
    """

    def __init__(self, dimensions: int = 16) -> None:
        self.dimensions = dimensions
        self.embedded: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += texts
        return [self._vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self._vector(text)

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * self.dimensions
        for word in re.findall(r"\w+", text.lower()) or ["nothing"]:
            vector[hashlib.sha256(word.encode()).digest()[0] % self.dimensions] += 1.0
        length = math.hypot(*vector)
        return [value / length for value in vector]
