"""Cross-encoders on SageMaker real-time endpoints, in Text Embeddings Inference's container for rerankers.

There `/invocations` is the container's `/rerank` route: `{"query": …, "texts": […]}` to `[{"index": …, "score": …}]`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from docqa.adapters.content_handlers.handler import ANOTHER_FORM
from docqa.adapters.model_errors import model_errors
from docqa.adapters.rerank_scores import CalledReranker, scores_in_order
from docqa.errors import ConfigurationError
from docqa.services.model_calls import Calls

# The container takes at most 32 texts a call unless it is started with another limit.
MOST_TEXTS = 32


class SageMakerReranker(CalledReranker):
    """A cross-encoder behind an endpoint.

    Args:
        client: boto3's `sagemaker-runtime`.
        endpoint: Name of the endpoint.
        calls: How it is called; None: once, whatever comes of it.
    """

    most = MOST_TEXTS

    def __init__(self, client: Any, endpoint: str, calls: Calls | None = None) -> None:
        super().__init__(endpoint, calls)
        self._client = client

    def _asked(self, question: str, texts: Sequence[str]) -> list[float]:
        with model_errors(self.model):
            response = self._client.invoke_endpoint(
                EndpointName=self.model,
                # A text that is too long for the model is cut, not refused.
                Body=json.dumps({"query": question, "texts": list(texts), "truncate": True}),
                ContentType="application/json",
                Accept="application/json",
            )
            body = response["Body"].read()
        try:
            return scores_in_order(((one["index"], one["score"]) for one in json.loads(body)), len(texts))
        except ANOTHER_FORM as error:
            raise ConfigurationError(f"{self.model} answers in another form than a TEI reranker") from error
