"""The bodies of Titan v2 and Cohere v3 embeddings.

The local model behind both has 384 dimensions. A request for another number is refused, because an index
filled with vectors of a length that nobody asked for would only fail later and elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from devstack.modelserver.aws_errors import AwsError, validation_error
from devstack.modelserver.models.ports import QUERY_PREFIX, EmbeddingModel

# Limits of the real models, from the Bedrock user guide's pages on their parameters.
TITAN_CHARACTERS = 50_000
COHERE_TEXTS = 96
COHERE_CHARACTERS = 2048
COHERE_INPUT_TYPES = ("search_document", "search_query", "classification", "clustering")


def titan_v2(model: EmbeddingModel, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """One text in, one vector out."""
    text = body.get("inputText")
    if not isinstance(text, str) or not text:
        raise _malformed("#: required key [inputText] not found")
    if len(text) > TITAN_CHARACTERS:
        raise validation_error(
            f"400 Bad Request: Too many input characters. Max input characters: {TITAN_CHARACTERS}, "
            f"request input character count: {len(text)}"
        )
    _check_dimensions(model, body.get("dimensions"))
    if body.get("normalize") is False:
        raise validation_error(
            "The local model's vectors are always normalised: leave `normalize` out or set it to true."
        )
    kinds = body.get("embeddingTypes") or ["float"]
    vector = model.embed([text])[0]
    by_kind: dict[str, list[float]] = {"float": vector.tolist(), "binary": (vector > 0).astype(int).tolist()}
    if not set(kinds) <= set(by_kind):
        raise validation_error(f"embeddingTypes must be among {sorted(by_kind)}.")
    tokens = model.count_tokens(text)
    answer: dict[str, Any] = {
        "embeddingsByType": {kind: by_kind[kind] for kind in kinds},
        "inputTextTokenCount": tokens,
    }
    if "float" in kinds:
        answer["embedding"] = by_kind["float"]
    return answer, tokens


def cohere_v3(model: EmbeddingModel, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Up to 96 texts in, as many vectors out; queries get the local model's query prefix."""
    texts = body.get("texts")
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise _malformed("texts must be a list of strings")
    if len(texts) > COHERE_TEXTS:
        raise _malformed(f"#/texts: expected maximum item count: {COHERE_TEXTS}, found: {len(texts)}")
    if (longest := max(map(len, texts))) > COHERE_CHARACTERS:
        raise _malformed(f"#/texts: expected maxLength: {COHERE_CHARACTERS}, actual: {longest}")
    if body.get("input_type") not in COHERE_INPUT_TYPES:
        raise _malformed(f"#/input_type: must be one of {', '.join(COHERE_INPUT_TYPES)}")
    prefix = QUERY_PREFIX if body["input_type"] == "search_query" else ""
    vectors = model.embed([prefix + text for text in texts])
    tokens = sum(model.count_tokens(text) for text in texts)
    answer: dict[str, Any] = {"id": hashlib.sha256(repr(texts).encode()).hexdigest()[:32], "texts": texts}
    kinds = body.get("embedding_types")
    if kinds is None:
        return answer | {"embeddings": vectors.tolist(), "response_type": "embeddings_floats"}, tokens
    if kinds != ["float"]:
        raise validation_error('The local model gives embedding_types ["float"] only.')
    return answer | {"embeddings": {"float": vectors.tolist()}, "response_type": "embeddings_by_type"}, tokens


def _malformed(why: str) -> AwsError:
    return validation_error(f"Malformed input request: {why}, please reformat your input and try again.")


def _check_dimensions(model: EmbeddingModel, asked: Any) -> None:
    if asked is not None and asked != model.dimensions:
        raise validation_error(
            f"The local model here has {model.dimensions} dimensions: ask for {model.dimensions}, not {asked}."
        )


EMBEDDING_FAMILIES: dict[str, Callable[[EmbeddingModel, dict[str, Any]], tuple[dict[str, Any], int]]] = {
    "amazon.titan-embed-text-v2": titan_v2,
    "cohere.embed-english-v3": cohere_v3,
    "cohere.embed-multilingual-v3": cohere_v3,
}
