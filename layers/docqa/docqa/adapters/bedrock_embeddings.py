"""Embedding models on Bedrock, through InvokeModel. Their bodies differ by model family."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from docqa.adapters.metered_embeddings import EmbeddedBatch, MeteredEmbeddings
from docqa.adapters.model_errors import model_errors
from docqa.services.model_calls import Calls

# Titan takes one text a call: throughput comes from calls side by side.
TITAN_PARALLEL_CALLS = 8
COHERE_TEXTS_A_CALL = 96
COHERE_PARALLEL_CALLS = 2
_TOKENS_HEADER = "x-amzn-bedrock-input-token-count"


class TitanEmbeddings(MeteredEmbeddings):
    """`amazon.titan-embed-text-v2`: normalised vectors of the dimensions asked for."""

    def __init__(self, client: Any, model: str, dimensions: int, calls: Calls | None = None) -> None:
        super().__init__(model, dimensions, batch_size=1, parallel_calls=TITAN_PARALLEL_CALLS, calls=calls)
        self._client = client

    def _embed(self, texts: Sequence[str], *, query: bool) -> EmbeddedBatch:  # noqa: ARG002 - Titan treats both alike
        body = {"inputText": texts[0], "dimensions": self.dimensions, "normalize": True}
        answer, _ = _invoke(self._client, self.model, body)
        return EmbeddedBatch([answer["embedding"]], answer.get("inputTextTokenCount", 0))


class CohereEmbeddings(MeteredEmbeddings):
    """`cohere.embed-*-v3`: up to 96 texts a call; passages and questions are embedded differently."""

    def __init__(self, client: Any, model: str, dimensions: int, calls: Calls | None = None) -> None:
        super().__init__(model, dimensions, COHERE_TEXTS_A_CALL, COHERE_PARALLEL_CALLS, calls)
        self._client = client

    def _embed(self, texts: Sequence[str], *, query: bool) -> EmbeddedBatch:
        body = {
            "texts": list(texts),
            "input_type": "search_query" if query else "search_document",
            "truncate": "END",
        }
        answer, headers = _invoke(self._client, self.model, body)
        return EmbeddedBatch(answer["embeddings"], int(headers.get(_TOKENS_HEADER, 0)))


def _invoke(client: Any, model: str, body: Mapping[str, object]) -> tuple[dict[str, Any], Mapping[str, str]]:
    with model_errors(model):
        response = client.invoke_model(
            modelId=model, body=json.dumps(body), contentType="application/json", accept="application/json"
        )
        answer: dict[str, Any] = json.loads(response["body"].read())
    return answer, response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
