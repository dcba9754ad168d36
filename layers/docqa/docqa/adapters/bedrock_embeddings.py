"""Embedding models on Bedrock, through InvokeModel."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from docqa.adapters.content_handlers.bedrock_embedding_bodies import CohereV3, TitanV2
from docqa.adapters.content_handlers.handler import Answer, ContentHandler
from docqa.adapters.metered_embeddings import EmbeddedBatch, MeteredEmbeddings
from docqa.adapters.model_errors import model_errors
from docqa.models.inference import Vector
from docqa.services.model_calls import Calls

# Titan takes one text a call: throughput comes from calls side by side.
TITAN_PARALLEL_CALLS = 8
COHERE_PARALLEL_CALLS = 2
_TOKENS_HEADER = "x-amzn-bedrock-input-token-count"


class TitanEmbeddings(MeteredEmbeddings):
    """`amazon.titan-embed-text-v2`: normalised vectors of the dimensions asked for."""

    def __init__(self, client: Any, model: str, dimensions: int, calls: Calls | None = None) -> None:
        self._client = client
        self._handler = TitanV2(dimensions)
        super().__init__(model, dimensions, self._handler.most, TITAN_PARALLEL_CALLS, calls)

    def _embed(self, texts: Sequence[str], *, query: bool) -> EmbeddedBatch:  # noqa: ARG002 - Titan treats both alike
        answers, _ = _invoke(self._client, self.model, self._handler, texts)
        return EmbeddedBatch.of(answers)


class CohereEmbeddings(MeteredEmbeddings):
    """`cohere.embed-*-v3`: up to 96 texts a call; passages and questions are embedded differently."""

    def __init__(self, client: Any, model: str, dimensions: int, calls: Calls | None = None) -> None:
        self._client = client
        self._passages, self._questions = CohereV3("search_document"), CohereV3("search_query")
        super().__init__(model, dimensions, self._passages.most, COHERE_PARALLEL_CALLS, calls)

    def _embed(self, texts: Sequence[str], *, query: bool) -> EmbeddedBatch:
        handler = self._questions if query else self._passages
        answers, headers = _invoke(self._client, self.model, handler, texts)
        return EmbeddedBatch(EmbeddedBatch.of(answers).vectors, int(headers.get(_TOKENS_HEADER, 0)))


def _invoke(
    client: Any, model: str, handler: ContentHandler[str, Vector], texts: Sequence[str]
) -> tuple[Sequence[Answer[Vector]], Mapping[str, str]]:
    with model_errors(model):
        response = client.invoke_model(
            modelId=model,
            body=json.dumps(handler.encode(texts)),
            contentType="application/json",
            accept="application/json",
        )
        body = json.loads(response["body"].read())
    return handler.decode(body), response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
