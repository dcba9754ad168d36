"""Which reranking model a function uses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from docqa.bootstrap.clients import client
from docqa.bootstrap.model_calls import RERANKING, model_calls
from docqa.config import Settings
from docqa.errors import ConfigurationError

if TYPE_CHECKING:
    from docqa.ports.reranking import Reranker


class RerankSettings(Settings):
    """Settings of every function that ranks passages; derive from it."""

    rerank_provider: Literal["bedrock", "sagemaker", "none"] = "none"
    rerank_model: str = Field(default="", description="Model id on Bedrock, endpoint name on SageMaker.")


def reranker(settings: RerankSettings) -> Reranker | None:
    """The model that the settings name, made once a process; None: passages keep docqa's own order.

    Raises:
        ConfigurationError: a provider without a model.
    """
    if settings.rerank_provider == "none":
        return None
    if not settings.rerank_model:
        raise ConfigurationError("RERANK_MODEL is missing: name the model, or set RERANK_PROVIDER to none")
    return _reranker(settings.rerank_provider, settings.rerank_model)


@cache
def _reranker(provider: str, model: str) -> Reranker:
    calls = model_calls(model, RERANKING)
    if provider == "bedrock":
        from docqa.adapters.bedrock_rerank import BedrockReranker

        return BedrockReranker(client("bedrock-agent-runtime", RERANKING.patience), model, calls)
    from docqa.adapters.sagemaker_rerank import SageMakerReranker

    return SageMakerReranker(client("sagemaker-runtime", RERANKING.patience), model, calls)
