"""Hugging Face's containers for embedding models on SageMaker. The container decides the format, a setting names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docqa.adapters.content_handlers.handler import Answer
from docqa.adapters.content_handlers.vectors import vector_of
from docqa.models.inference import Vector


class TextEmbeddingsInference:
    """Text Embeddings Inference (TEI)."""

    # It takes at most 32 texts a call unless it is started with another limit.
    most = 32

    def encode(self, values: Sequence[str]) -> dict[str, object]:
        """`inputs` is a list; too long texts are cut, not refused."""
        return {"inputs": list(values), "truncate": True}

    def decode(self, body: Any) -> list[Answer[Vector]]:
        """The body is the list of vectors."""
        return [Answer(vector_of(values)) for values in body]


class FeatureExtraction:
    """The inference toolkit, task feature-extraction: a vector for each token.

    Attributes:
        pooling: `cls` takes the first token's vector, `mean` the average; the model's card says which it was made for.
    """

    # Four passages of 300 tokens with 384 floats a token are some 5 MB of JSON; an endpoint answers with at most 6.
    most = 4

    def __init__(self, pooling: str) -> None:
        self.pooling = pooling

    def encode(self, values: Sequence[str]) -> dict[str, object]:
        """Parameters go to the toolkit's tokenizer."""
        return {"inputs": list(values), "parameters": {"truncation": True}}

    def decode(self, body: Any) -> list[Answer[Vector]]:
        """Tokens pooled and normalised to length 1."""
        return [Answer(vector_of(_normalised(self._pooled(_tokens(item))))) for item in body]

    def _pooled(self, tokens: Sequence[Sequence[float]]) -> list[float]:
        if self.pooling == "cls":
            return list(tokens[0])
        return [sum(column) / len(tokens) for column in zip(*tokens, strict=True)]


def _tokens(item: Any) -> Sequence[Sequence[float]]:
    """Vectors of the tokens of one text; the toolkit wraps each text in one more list."""
    while isinstance(item[0][0], list):
        item = item[0]
    tokens: Sequence[Sequence[float]] = item
    return tokens


def _normalised(vector: Sequence[float]) -> list[float]:
    length = sum(value * value for value in vector) ** 0.5
    return [value / length for value in vector] if length else list(vector)
