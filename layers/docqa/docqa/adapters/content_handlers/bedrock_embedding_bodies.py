"""Bodies of InvokeModel for Bedrock's embedding models; batch jobs take the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from docqa.adapters.content_handlers.handler import Answer
from docqa.adapters.content_handlers.vectors import vector_of
from docqa.models.inference import Vector


class TitanV2:
    """`amazon.titan-embed-text-v2`: one text a body, normalised vectors of the dimensions asked for."""

    most = 1

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions

    def encode(self, values: Sequence[str]) -> dict[str, object]:
        """Passages and questions are embedded alike."""
        (text,) = values
        return {"inputText": text, "dimensions": self._dimensions, "normalize": True}

    def decode(self, body: Any) -> list[Answer[Vector]]:
        """The vector, with the tokens of its text."""
        return [Answer(vector_of(body["embedding"]), body.get("inputTextTokenCount", 0))]


class CohereV3:
    """`cohere.embed-*-v3`: passages and questions are embedded differently; tokens are told in a header only."""

    most = 96

    def __init__(self, input_type: Literal["search_document", "search_query"] = "search_document") -> None:
        self._input_type = input_type

    def encode(self, values: Sequence[str]) -> dict[str, object]:
        """Too long texts are cut at their end, not refused."""
        return {"texts": list(values), "input_type": self._input_type, "truncate": "END"}

    def decode(self, body: Any) -> list[Answer[Vector]]:
        """A vector a text."""
        return [Answer(vector_of(values)) for values in body["embeddings"]]
