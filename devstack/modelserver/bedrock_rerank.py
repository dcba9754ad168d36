"""Bedrock agent runtime: Rerank, with shared words in the place of a model (models/overlap.py)."""

from __future__ import annotations

import re
from typing import Any

from devstack.modelserver.aws_errors import throttled, validation_error
from devstack.modelserver.bedrock import Admission
from devstack.modelserver.models.overlap import overlap_scores, ranked

MODELS = ("amazon.rerank-v1:0", "cohere.rerank-v3-5:0")
# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Rerank.html
SOURCES, CHARACTERS = 1000, 32_000
_MODEL_ARN = re.compile(r"arn:aws(?:-[^:]+)?:bedrock:[a-z0-9-]{1,20}::foundation-model/(.+)")


class BedrockAgentRuntime:
    """The operation, from parsed request to response body.

    Args:
        rate: calls that it does not admit get ThrottlingException.
    """

    def __init__(self, rate: Admission) -> None:
        self._rate = rate

    def rerank(self, body: dict[str, Any]) -> dict[str, Any]:
        """Rerank of texts; JSON documents are refused. All results come in one answer.

        Raises:
            AwsError: the request is refused.
        """
        if not self._rate.admits():
            raise throttled("Too many requests, please wait before trying again.")
        configuration = (body.get("rerankingConfiguration") or {}).get("bedrockRerankingConfiguration") or {}
        _check_model(str((configuration.get("modelConfiguration") or {}).get("modelArn", "")))
        queries, sources = body.get("queries") or [], body.get("sources") or []
        if len(queries) != 1:
            raise validation_error("queries must have length 1")
        if not 1 <= len(sources) <= SOURCES:
            raise validation_error(f"sources must have length between 1 and {SOURCES}")
        most = configuration.get("numberOfResults", len(sources))
        if not 1 <= most <= len(sources):
            raise validation_error("numberOfResults must not be greater than the number of sources")
        texts = [_text((source.get("inlineDocumentSource") or {}).get("textDocument")) for source in sources]
        best = ranked(overlap_scores(_text(queries[0].get("textQuery")), texts))[:most]
        return {"results": [{"index": place, "relevanceScore": score} for place, score in best]}


def _check_model(arn: str) -> None:
    found = _MODEL_ARN.fullmatch(arn)
    if found is None or found[1] not in MODELS:
        raise validation_error("The provided model ARN is invalid or the model does not support reranking.")


def _text(document: Any) -> str:
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= CHARACTERS:
        raise validation_error(f"text must have length between 1 and {CHARACTERS}")
    return text
