"""Vectors made of a text's hash: no model at all, for measuring everything else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from devstack.modelserver.models.ports import EmbeddingModel, Vectors

CHARACTERS_A_TOKEN = 4


class HashedEmbedding:
    """Equal texts have equal vectors, different ones nothing in common.

    Args:
        dimensions: floats a vector.
    """

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """N unit vectors, shape (n, dimensions)."""
        vectors = np.stack([self._vector(text) for text in texts])
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    def token_vectors(self, text: str) -> Vectors:
        """One vector a token, shape (tokens, dimensions)."""
        return np.stack([self._vector(text)] * self.count_tokens(text))

    def count_tokens(self, text: str) -> int:
        """About what a tokenizer would count."""
        return len(text) // CHARACTERS_A_TOKEN + 1

    def in_background(self) -> EmbeddingModel:
        """There is no work that could be in the way."""
        return self

    def _vector(self, text: str) -> Vectors:
        digest = hashlib.shake_256(text.encode()).digest(self.dimensions)
        return np.frombuffer(digest, dtype=np.uint8).astype(np.float32) - 127.5
