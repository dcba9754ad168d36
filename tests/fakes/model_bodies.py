"""What models and containers do with a body: the same vectors, in each one's own form.

A text with POISON is refused; one with SHORT or NAN has a vector that no index can hold.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from typing import Any, TypeAlias

from tests.fakes.embeddings import HashedWordEmbeddings

Container: TypeAlias = Callable[[Any], Any]

DIMENSIONS = 64
MODEL = HashedWordEmbeddings(DIMENSIONS)


class RefusedError(Exception):
    """The container's answer is no success."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def tei(body: Any) -> Any:
    assert set(body) == {"inputs", "truncate"}
    if len(body["inputs"]) > 32:
        raise RefusedError("batch size 33 > maximum allowed batch size 32")
    return [_vector(text) for text in body["inputs"]]


def feature_extraction(body: Any) -> Any:
    """Tokens of several lengths; the first one and their mean point where the text's vector does."""
    assert body["parameters"] == {"truncation": True}
    return [[[[3 * value for value in _vector(text)], _vector(text)]] for text in body["inputs"]]


def titan(body: Any) -> Any:
    assert (body["dimensions"], body["normalize"]) == (DIMENSIONS, True)
    return {"embedding": _vector(body["inputText"]), "inputTextTokenCount": len(body["inputText"].split())}


def cohere(body: Any) -> Any:
    assert body["input_type"] == "search_document"
    return {"embeddings": [_vector(text) for text in body["texts"]], "response_type": "embeddings_floats"}


def messages(body: Any) -> Any:
    said = _said(body["messages"][-1]["content"])
    return {
        "choices": [{"message": {"role": "assistant", "content": said}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2},
    }


def tgi(body: Any) -> Any:
    assert body["parameters"]["return_full_text"] is False
    return [{"generated_text": _said(body["inputs"].split("\n\n")[-2])}]


def converse(body: Any) -> Any:
    assert "toolConfig" not in body
    said = _said(body["messages"][-1]["content"][0]["text"])
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": said}]}},
        "usage": {"inputTokens": 5, "outputTokens": 2, "totalTokens": 7},
    }


class Runtime:
    """Both real-time runtimes in front of one container."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def invoke_model(self, *, body: str, **names: str) -> dict[str, Any]:
        return {"body": self._answer(body), "ResponseMetadata": {"HTTPHeaders": {}}}

    def invoke_endpoint(self, *, Body: str, **names: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"Body": self._answer(Body)}

    def _answer(self, body: str) -> io.BytesIO:
        return io.BytesIO(json.dumps(self._container(json.loads(body))).encode())


def _vector(text: str) -> list[float]:
    _refuse_poison(text)
    vector = MODEL.embed_query(text)
    if "SHORT" in text:
        return vector[1:]
    return [math.nan, *vector[1:]] if "NAN" in text else vector


def _said(asked: str) -> str:
    _refuse_poison(asked)
    return f"You said: {asked}"


def _refuse_poison(text: str) -> None:
    if "POISON" in text:
        raise RefusedError("Input validation error: there is poison in it")
