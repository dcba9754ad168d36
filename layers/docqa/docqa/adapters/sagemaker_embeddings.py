"""Embedding models on SageMaker real-time endpoints. The container decides the format, a setting names it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from docqa.adapters.metered_embeddings import EmbeddedBatch, MeteredEmbeddings
from docqa.adapters.model_errors import model_errors
from docqa.services.model_calls import Calls

# Text Embeddings Inference takes at most 32 texts a call unless it is started with another limit.
TEXTS_A_CALL = 32
PARALLEL_CALLS = 4


class EmbeddingFormat(Protocol):
    """How a container wants texts and gives vectors."""

    def request(self, texts: Sequence[str]) -> dict[str, object]:
        """The JSON body for these texts."""
        ...

    def vectors(self, answer: Any) -> list[list[float]]:
        """One vector a text, from the JSON answer."""
        ...


class TextEmbeddingsInference:
    """Hugging Face's Text Embeddings Inference container (TEI)."""

    def request(self, texts: Sequence[str]) -> dict[str, object]:
        """`inputs` is a list; too long texts are cut, not refused."""
        return {"inputs": list(texts), "truncate": True}

    def vectors(self, answer: Any) -> list[list[float]]:
        """The answer is the list of vectors."""
        return list(answer)


class FeatureExtraction:
    """Hugging Face's inference toolkit, task feature-extraction: a vector for each token.

    Attributes:
        pooling: `cls` takes the first token's vector, `mean` the average; the model's card says which it was made for.
    """

    def __init__(self, pooling: str) -> None:
        self.pooling = pooling

    def request(self, texts: Sequence[str]) -> dict[str, object]:
        """Parameters go to the toolkit's tokenizer."""
        return {"inputs": list(texts), "parameters": {"truncation": True}}

    def vectors(self, answer: Any) -> list[list[float]]:
        """Tokens pooled and normalised to length 1."""
        return [_normalised(self._pooled(_tokens(item))) for item in answer]

    def _pooled(self, tokens: Sequence[Sequence[float]]) -> list[float]:
        if self.pooling == "cls":
            return list(tokens[0])
        return [sum(column) / len(tokens) for column in zip(*tokens, strict=True)]


class SageMakerEmbeddings(MeteredEmbeddings):
    """Embeddings from a real-time endpoint.

    Args:
        client: boto3's `sagemaker-runtime`.
        endpoint: Name of the endpoint.
        dimensions: Floats a vector.
        wire: The container's format.
        query_prefix: Put in front of questions, for models that were trained with one (the model's card tells).
        calls: How the endpoint is called; None: once, whatever comes of it.
    """

    def __init__(
        self,
        client: Any,
        endpoint: str,
        dimensions: int,
        wire: EmbeddingFormat,
        query_prefix: str = "",
        calls: Calls | None = None,
    ) -> None:
        super().__init__(endpoint, dimensions, TEXTS_A_CALL, PARALLEL_CALLS, calls)
        self._client = client
        self._wire = wire
        self._query_prefix = query_prefix

    def _embed(self, texts: Sequence[str], *, query: bool) -> EmbeddedBatch:
        sent = [self._query_prefix + text for text in texts] if query else texts
        with model_errors(self.model):
            response = self._client.invoke_endpoint(
                EndpointName=self.model,
                Body=json.dumps(self._wire.request(sent)),
                ContentType="application/json",
                Accept="application/json",
            )
            answer = json.loads(response["Body"].read())
        return EmbeddedBatch(self._wire.vectors(answer))


def _tokens(item: Any) -> Sequence[Sequence[float]]:
    """Vectors of the tokens of one text; the toolkit wraps each text in one more list."""
    while isinstance(item[0][0], list):
        item = item[0]
    tokens: Sequence[Sequence[float]] = item
    return tokens


def _normalised(vector: Sequence[float]) -> list[float]:
    length = sum(value * value for value in vector) ** 0.5
    return [value / length for value in vector] if length else list(vector)
