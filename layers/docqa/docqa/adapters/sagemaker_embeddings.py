"""Embedding models on SageMaker endpoints that answer at once: real-time, serverless and multi-model ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from docqa.adapters.content_handlers.handler import ContentHandler
from docqa.adapters.metered_embeddings import EmbeddedBatch, MeteredEmbeddings
from docqa.adapters.model_errors import model_errors
from docqa.adapters.sagemaker_names import EndpointModel
from docqa.models.inference import Vector
from docqa.services.model_calls import Calls

PARALLEL_CALLS = 4


class SageMakerEmbeddings(MeteredEmbeddings):
    """Embeddings from an endpoint that answers at once.

    Args:
        client: boto3's `sagemaker-runtime`.
        name: Of the endpoint; with `/archive.tar.gz`, one of the models behind a multi-model endpoint.
        dimensions: Floats a vector.
        handler: The container's format.
        query_prefix: Put in front of questions, for models that were trained with one (the model's card tells).
        calls: How the endpoint is called; None: once, whatever comes of it.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        dimensions: int,
        handler: ContentHandler[str, Vector],
        query_prefix: str = "",
        calls: Calls | None = None,
    ) -> None:
        super().__init__(name, dimensions, handler.most, PARALLEL_CALLS, calls)
        self._client = client
        self._named = EndpointModel.of(name).members
        self._handler = handler
        self._query_prefix = query_prefix

    def _embed(self, texts: Sequence[str], *, query: bool) -> EmbeddedBatch:
        sent = [self._query_prefix + text for text in texts] if query else texts
        with model_errors(self.model):
            response = self._client.invoke_endpoint(
                **self._named,
                Body=json.dumps(self._handler.encode(sent)),
                ContentType="application/json",
                Accept="application/json",
            )
            answer = json.loads(response["Body"].read())
        return EmbeddedBatch.of(self._handler.decode(answer))
