"""Which content handler a setting names: real-time calls and jobs of one model get the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docqa.errors import ConfigurationError

if TYPE_CHECKING:
    from docqa.adapters.content_handlers.handler import ChatHandler, ContentHandler
    from docqa.models.inference import Vector

# Bedrock's model ids begin with the family, after the region prefix of an inference profile.
_BEDROCK_FAMILIES = {"amazon.titan-embed-text-v2": "titan", "cohere.embed-": "cohere"}


def embedding_container(wire_format: str | None) -> ContentHandler[str, Vector]:
    """What a container with an embedding model speaks.

    Raises:
        ConfigurationError: no such format on SageMaker.
    """
    from docqa.adapters.content_handlers.embedding_containers import FeatureExtraction, TextEmbeddingsInference

    formats: dict[str | None, ContentHandler[str, Vector]] = {
        "tei": TextEmbeddingsInference(),
        "feature-extraction-cls": FeatureExtraction("cls"),
        "feature-extraction-mean": FeatureExtraction("mean"),
    }
    if wire_format not in formats:
        raise ConfigurationError(f"EMBEDDING_FORMAT must be one of {', '.join(map(str, formats))} on SageMaker")
    return formats[wire_format]


def bedrock_embedding_family(model: str, wire_format: str | None) -> str:
    """`titan` or `cohere`, as the setting says, or the model's id.

    Raises:
        ConfigurationError: neither tells it.
    """
    if wire_format is not None:
        if wire_format not in _BEDROCK_FAMILIES.values():
            raise ConfigurationError(f"EMBEDDING_FORMAT {wire_format} is not spoken on Bedrock: use titan or cohere")
        return wire_format
    for prefix, family in _BEDROCK_FAMILIES.items():
        if model.startswith(prefix) or f".{prefix}" in model:
            return family
    raise ConfigurationError(
        f"EMBEDDING_MODEL {model!r} is of no known family: set EMBEDDING_FORMAT to titan or cohere"
    )


def bedrock_embedding_bodies(model: str, wire_format: str | None, dimensions: int) -> ContentHandler[str, Vector]:
    """The bodies of an embedding model on Bedrock, for passages. Raises as `bedrock_embedding_family`."""
    from docqa.adapters.content_handlers.bedrock_embedding_bodies import CohereV3, TitanV2

    return TitanV2(dimensions) if bedrock_embedding_family(model, wire_format) == "titan" else CohereV3()


def chat_container(chat_format: str) -> ChatHandler:
    """What a container with a chat model speaks."""
    from docqa.adapters.content_handlers.chat_containers import MessagesApi, TextGenerationInference

    return MessagesApi() if chat_format == "messages" else TextGenerationInference()
