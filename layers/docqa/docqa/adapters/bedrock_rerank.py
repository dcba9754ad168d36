"""Reranking models on Bedrock, through the Rerank operation of its agent runtime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docqa.adapters.content_handlers.handler import ANOTHER_FORM
from docqa.adapters.model_errors import model_errors
from docqa.adapters.rerank_scores import CalledReranker, scores_in_order
from docqa.errors import ConfigurationError
from docqa.services.model_calls import Calls

# Bedrock takes 1,000 sources, but one query is billed for each hundred.
MOST_TEXTS = 100
# Limits of the API: characters of a text, the question's included.
MOST_CHARACTERS = 32_000


class BedrockReranker(CalledReranker):
    """`cohere.rerank-v3-5:0` or `amazon.rerank-v1:0`.

    Args:
        client: boto3's `bedrock-agent-runtime`.
        model: Id of the foundation model; it must be offered in the client's own region.
        calls: How it is called; None: once, whatever comes of it.
    """

    most = MOST_TEXTS

    def __init__(self, client: Any, model: str, calls: Calls | None = None) -> None:
        super().__init__(model, calls)
        self._client = client
        self._arn = f"arn:{client.meta.partition}:bedrock:{client.meta.region_name}::foundation-model/{model}"

    def _asked(self, question: str, texts: Sequence[str]) -> list[float]:
        with model_errors(self.model):
            answer = self._client.rerank(
                queries=[{"type": "TEXT", "textQuery": _text(question)}],
                sources=[
                    {"type": "INLINE", "inlineDocumentSource": {"type": "TEXT", "textDocument": _text(one)}}
                    for one in texts
                ],
                rerankingConfiguration={
                    "type": "BEDROCK_RERANKING_MODEL",
                    "bedrockRerankingConfiguration": {
                        "numberOfResults": len(texts),
                        "modelConfiguration": {"modelArn": self._arn},
                    },
                },
            )
        try:
            return scores_in_order(((one["index"], one["relevanceScore"]) for one in answer["results"]), len(texts))
        except ANOTHER_FORM as error:
            raise ConfigurationError(f"{self.model} answers in another form than expected") from error


def _text(text: str) -> dict[str, str]:
    return {"text": text[:MOST_CHARACTERS]}
