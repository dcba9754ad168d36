"""Bedrock runtime as its clients know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.bedrock import BedrockRuntime
from devstack.modelserver.models.ports import QUERY_PREFIX, EmbeddingBusyError, Vectors
from devstack.modelserver.models.registry import Lazy
from devstack.modelserver.quotas import RateLimit
from tests.fakes.model_server import EchoChat, LengthEmbedding, fake_models

TITAN = "amazon.titan-embed-text-v2:0"
COHERE = "cohere.embed-english-v3"
NOVA = "amazon.nova-lite-v1:0"


def bedrock(per_second: float | None = None) -> BedrockRuntime:
    return BedrockRuntime(fake_models(), RateLimit(per_second, lambda: 0.0), lambda: 0.0)


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"text": text}]}


def refused(model: str, body: dict[str, Any], operation: str = "invoke") -> AwsError:
    with pytest.raises(AwsError) as caught:
        getattr(bedrock(), operation)(model, body)
    return caught.value


def test_converse_answers_with_text_stop_reason_and_usage() -> None:
    answer = bedrock().converse(NOVA, {"messages": [user("one two three")], "inferenceConfig": {"maxTokens": 2}})
    assert answer == {
        "output": {"message": {"role": "assistant", "content": [{"text": "one two"}]}},
        "stopReason": "max_tokens",
        "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
        "metrics": {"latencyMs": 0},
    }


def test_an_embedding_model_that_has_enough_to_do_throttles() -> None:
    server = bedrock()
    server._models.embedding = Lazy(BusyEmbedding)

    with pytest.raises(AwsError) as caught:
        server.invoke(COHERE, {"texts": ["one"], "input_type": "search_document"})

    assert (caught.value.code, caught.value.status) == ("ThrottlingException", 429)


class BusyEmbedding(LengthEmbedding):
    """Never has the time."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        raise EmbeddingBusyError("not now")


def test_system_prompt_and_settings_reach_the_model() -> None:
    server = bedrock()
    turns = [user("hello"), {"role": "assistant", "content": [{"text": "yes?"}]}, user("bye")]
    settings = {"maxTokens": 9, "temperature": 0, "topP": 0.5, "stopSequences": ["END"]}

    server.converse(NOVA, {"system": [{"text": "Be short."}], "messages": turns, "inferenceConfig": settings})

    chat = server._models.chat.get()
    assert isinstance(chat, EchoChat)
    [request] = chat.requests
    assert [turn["role"] for turn in request.messages] == ["system", "user", "assistant", "user"]
    assert (request.max_tokens, request.temperature, request.top_p, request.stop) == (9, 0, 0.5, ("END",))


@pytest.mark.parametrize(
    "model",
    [
        NOVA,
        f"us.{NOVA}",
        "eu.anthropic.claude-3-haiku-20240307-v1:0",
        f"arn:aws:bedrock:us-east-1::foundation-model/{NOVA}",
        f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{NOVA}",
    ],
)
def test_model_ids_profiles_and_arns_are_known(model: str) -> None:
    assert bedrock().converse(model, {"messages": [user("hi")]})["stopReason"] == "end_turn"


@pytest.mark.parametrize(
    ("model", "body", "words"),
    [
        ("nobody.model", {"messages": [user("x")]}, "model identifier"),
        (TITAN, {"messages": [user("x")]}, "model identifier"),
        (NOVA, {"messages": []}, "messages"),
        (NOVA, {"messages": [user("x"), user("y")]}, "alternate"),
        (NOVA, {"messages": [{"role": "assistant", "content": [{"text": "x"}]}]}, "start with a user message"),
        (NOVA, {"messages": [user(" ")]}, "empty"),
        (NOVA, {"messages": [{"role": "user", "content": [{"image": {}}]}]}, "image"),
        (NOVA, {"messages": [user("x")], "toolConfig": {"tools": []}}, "tool use"),
        (NOVA, {"messages": [user("x")], "inferenceConfig": {"maxTokens": 0}}, "maxTokens"),
        (NOVA, {"messages": [user("x")], "inferenceConfig": {"temperature": 1.5}}, "temperature"),
        (NOVA, {"messages": [user("word " * 101)]}, "too long"),
    ],
)
def test_converse_refuses_with_a_validation_exception(model: str, body: dict[str, Any], words: str) -> None:
    error = refused(model, body, "converse")
    assert (error.code, error.status) == ("ValidationException", 400)
    assert words in error.message


def test_titan_gives_one_vector_and_counts_tokens() -> None:
    answer, tokens = bedrock().invoke(TITAN, {"inputText": "four words are here", "dimensions": 384})
    assert tokens == answer["inputTextTokenCount"] == 4
    assert answer["embedding"] == answer["embeddingsByType"]["float"]
    assert len(answer["embedding"]) == 384


def test_titan_refuses_dimensions_that_the_local_model_does_not_have() -> None:
    assert "384" in refused(TITAN, {"inputText": "x", "dimensions": 1024}).message


def test_titan_has_no_query_type_and_so_no_prefix() -> None:
    server = bedrock()
    server.invoke(TITAN, {"inputText": "question"})
    embedding = server._models.embedding.get()
    assert isinstance(embedding, LengthEmbedding)
    assert embedding.seen == ["question"]


@pytest.mark.parametrize(("kind", "prefix"), [("search_document", ""), ("search_query", QUERY_PREFIX)])
def test_cohere_marks_queries_for_the_local_model(kind: str, prefix: str) -> None:
    server = bedrock()
    answer, _ = server.invoke(COHERE, {"texts": ["a", "bb"], "input_type": kind})
    embedding = server._models.embedding.get()
    assert isinstance(embedding, LengthEmbedding)
    assert embedding.seen == [f"{prefix}a", f"{prefix}bb"]
    assert (len(answer["embeddings"]), answer["response_type"]) == (2, "embeddings_floats")


def test_cohere_sorts_vectors_by_type_when_types_are_asked_for() -> None:
    answer, _ = bedrock().invoke(
        COHERE, {"texts": ["a"], "input_type": "search_document", "embedding_types": ["float"]}
    )
    assert len(answer["embeddings"]["float"][0]) == 384


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (TITAN, {}),
        (TITAN, {"inputText": "x" * 50_001}),
        (TITAN, {"inputText": "x", "embeddingTypes": ["int8"]}),
        (COHERE, {"texts": ["x"]}),
        (COHERE, {"texts": [], "input_type": "search_query"}),
        (COHERE, {"texts": ["x"] * 97, "input_type": "search_query"}),
        (COHERE, {"texts": ["x" * 2049], "input_type": "search_query"}),
        (NOVA, {"inputText": "x"}),
    ],
)
def test_embeddings_refuse_with_a_validation_exception(model: str, body: dict[str, Any]) -> None:
    assert refused(model, body).code == "ValidationException"


def test_requests_over_the_rate_are_throttled() -> None:
    server = bedrock(per_second=1)
    server.converse(NOVA, {"messages": [user("x")]})
    with pytest.raises(AwsError) as caught:
        server.converse(NOVA, {"messages": [user("x")]})
    assert (caught.value.code, caught.value.status) == ("ThrottlingException", 429)
