"""Which embedding model a function uses. Questions and documents must use the same one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import Field

from docqa.bootstrap.clients import client
from docqa.bootstrap.content_handlers import bedrock_embedding_family, embedding_container
from docqa.bootstrap.model_calls import DOCUMENT_EMBEDDING, ModelUse, model_calls
from docqa.config import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from docqa.adapters.metered_embeddings import MeteredEmbeddings
    from docqa.models.search_index import SearchIndex

WireFormat: TypeAlias = Literal["titan", "cohere", "tei", "feature-extraction-cls", "feature-extraction-mean"]


class EmbeddingModelSettings(Settings):
    """Which model embeds."""

    embedding_provider: Literal["bedrock", "sagemaker"]
    embedding_model: str = Field(min_length=1, description="Model id on Bedrock, endpoint name on SageMaker.")
    embedding_dimensions: int = Field(ge=1, le=16_000)
    embedding_format: WireFormat | None = Field(
        default=None, description="What the model speaks, where its id does not say it: always on SageMaker."
    )


class EmbeddingSettings(EmbeddingModelSettings):
    """Settings of every function that embeds; derive from it."""

    embedding_query_prefix: str = Field(default="", description="Put in front of questions (SageMaker only).")
    embedding_tokens_per_minute: int = Field(default=0, ge=0, description="That all processes share; 0: not limited.")
    embedding_processes: int = Field(default=10, ge=1, description="Among which they are shared.")
    next_embedding_model: str = Field(default="", description="The model that is to take over; empty: none is.")
    next_embedding_dimensions: int | None = Field(default=None, ge=1, le=16_000)
    next_embedding_format: WireFormat | None = None
    next_embedding_query_prefix: str = ""


def embedding_models(
    settings: EmbeddingSettings, use: ModelUse = DOCUMENT_EMBEDDING
) -> Callable[[SearchIndex], MeteredEmbeddings | None]:
    """The model whose vectors an index holds; None for a model that the settings do not name.

    The index says which one is asked: while documents are embedded anew, and when that switches over, two of them are.
    """

    def model_of(index: SearchIndex) -> MeteredEmbeddings | None:
        wanted = (index.embedding_model, index.dimensions)
        if wanted == (settings.embedding_model, settings.embedding_dimensions):
            return embeddings(settings, use)
        if wanted == (settings.next_embedding_model, settings.next_embedding_dimensions):
            return embeddings(following(settings), use)
        return None

    return model_of


def following(settings: EmbeddingSettings) -> EmbeddingSettings:
    """The settings with the next model in the place of the one that is to go."""
    return EmbeddingSettings(
        embedding_provider=settings.embedding_provider,
        embedding_model=settings.next_embedding_model,
        embedding_dimensions=settings.next_embedding_dimensions or settings.embedding_dimensions,
        embedding_format=settings.next_embedding_format,
        embedding_query_prefix=settings.next_embedding_query_prefix,
        embedding_tokens_per_minute=settings.embedding_tokens_per_minute,
        embedding_processes=settings.embedding_processes,
    )


def embeddings(settings: EmbeddingSettings, use: ModelUse = DOCUMENT_EMBEDDING) -> MeteredEmbeddings:
    """LangChain Core's `Embeddings` for these settings, made once a process.

    Raises:
        ConfigurationError: the settings do not fit together.
    """
    return _embeddings(
        settings.embedding_provider,
        settings.embedding_model,
        settings.embedding_dimensions,
        settings.embedding_format,
        settings.embedding_query_prefix,
        use.at(settings.embedding_tokens_per_minute, settings.embedding_processes),
    )


@cache
def _embeddings(
    provider: str, model: str, dimensions: int, wire_format: str | None, query_prefix: str, use: ModelUse
) -> MeteredEmbeddings:
    if provider == "bedrock":
        return _on_bedrock(model, dimensions, wire_format, use)
    return _on_sagemaker(model, dimensions, wire_format, query_prefix, use)


def _on_bedrock(model: str, dimensions: int, wire_format: str | None, use: ModelUse) -> MeteredEmbeddings:
    from docqa.adapters.bedrock_embeddings import CohereEmbeddings, TitanEmbeddings

    runtime, calls = client("bedrock-runtime", use.patience), model_calls(model, use)
    if bedrock_embedding_family(model, wire_format) == "titan":
        return TitanEmbeddings(runtime, model, dimensions, calls)
    return CohereEmbeddings(runtime, model, dimensions, calls)


def _on_sagemaker(
    endpoint: str, dimensions: int, wire_format: str | None, query_prefix: str, use: ModelUse
) -> MeteredEmbeddings:
    from docqa.adapters.sagemaker_embeddings import SageMakerEmbeddings

    handler = embedding_container(wire_format)
    runtime, calls = client("sagemaker-runtime", use.patience), model_calls(endpoint, use)
    return SageMakerEmbeddings(runtime, endpoint, dimensions, handler, query_prefix, calls)
