"""Which embedding model a function uses. Questions and documents must use the same one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import Field

from docqa.bootstrap.clients import EMBEDDING, Patience, client
from docqa.bootstrap.content_handlers import bedrock_embedding_family, embedding_container
from docqa.config import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from docqa.adapters.metered_embeddings import MeteredEmbeddings
    from docqa.models.search_index import SearchIndex

WireFormat: TypeAlias = Literal["titan", "cohere", "tei", "feature-extraction-cls", "feature-extraction-mean"]


class EmbeddingSettings(Settings):
    """Settings of every function that embeds; derive from it."""

    embedding_provider: Literal["bedrock", "sagemaker"]
    embedding_model: str = Field(min_length=1, description="Model id on Bedrock, endpoint name on SageMaker.")
    embedding_dimensions: int = Field(ge=1, le=16_000)
    embedding_format: WireFormat | None = Field(
        default=None, description="What the model speaks, where its id does not say it: always on SageMaker."
    )
    embedding_query_prefix: str = Field(default="", description="Put in front of questions (SageMaker only).")
    next_embedding_model: str = Field(default="", description="The model that is to take over; empty: none is.")
    next_embedding_dimensions: int | None = Field(default=None, ge=1, le=16_000)
    next_embedding_format: WireFormat | None = None
    next_embedding_query_prefix: str = ""


def embedding_models(
    settings: EmbeddingSettings, patience: Patience = EMBEDDING
) -> Callable[[SearchIndex], MeteredEmbeddings | None]:
    """The model whose vectors an index holds; None for a model that the settings do not name.

    The index says which one is asked: while documents are embedded anew, and when that switches over, two of them are.
    """

    def model_of(index: SearchIndex) -> MeteredEmbeddings | None:
        wanted = (index.embedding_model, index.dimensions)
        if wanted == (settings.embedding_model, settings.embedding_dimensions):
            return embeddings(settings, patience)
        if wanted == (settings.next_embedding_model, settings.next_embedding_dimensions):
            return embeddings(following(settings), patience)
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
    )


def embeddings(settings: EmbeddingSettings, patience: Patience = EMBEDDING) -> MeteredEmbeddings:
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
        patience,
    )


@cache
def _embeddings(
    provider: str, model: str, dimensions: int, wire_format: str | None, query_prefix: str, patience: Patience
) -> MeteredEmbeddings:
    if provider == "bedrock":
        return _on_bedrock(model, dimensions, wire_format, patience)
    return _on_sagemaker(model, dimensions, wire_format, query_prefix, patience)


def _on_bedrock(model: str, dimensions: int, wire_format: str | None, patience: Patience) -> MeteredEmbeddings:
    from docqa.adapters.bedrock_embeddings import CohereEmbeddings, TitanEmbeddings

    if bedrock_embedding_family(model, wire_format) == "titan":
        return TitanEmbeddings(client("bedrock-runtime", patience), model, dimensions)
    return CohereEmbeddings(client("bedrock-runtime", patience), model, dimensions)


def _on_sagemaker(
    endpoint: str, dimensions: int, wire_format: str | None, query_prefix: str, patience: Patience
) -> MeteredEmbeddings:
    from docqa.adapters.sagemaker_embeddings import SageMakerEmbeddings

    handler = embedding_container(wire_format)
    runtime = client("sagemaker-runtime", patience)
    return SageMakerEmbeddings(runtime, endpoint, dimensions, handler, query_prefix)
