"""Embedding and chat adapters over stubbed clients: what goes out, what comes back, what errors mean."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from langchain_core.messages import HumanMessage, SystemMessage

from docqa.adapters.bedrock_chat import BedrockChat
from docqa.adapters.bedrock_embeddings import CohereEmbeddings, TitanEmbeddings
from docqa.adapters.content_handlers.chat_containers import MessagesApi, TextGenerationInference
from docqa.adapters.content_handlers.embedding_containers import FeatureExtraction, TextEmbeddingsInference
from docqa.adapters.model_errors import model_errors
from docqa.adapters.sagemaker_chat import SageMakerChat
from docqa.adapters.sagemaker_embeddings import SageMakerEmbeddings
from docqa.errors import ConfigurationError, DocqaError, ServiceUnavailableError, ThrottledError

MESSAGES = [SystemMessage("Be brief."), HumanMessage("Why?")]


class FakeRuntime:
    """Both runtimes: remembers bodies, answers with what `reply` makes of them."""

    def __init__(self, reply: Callable[[dict[str, Any]], Any], headers: dict[str, str] | None = None) -> None:
        self.reply = reply
        self.headers = headers or {}
        self.bodies: list[dict[str, Any]] = []

    def invoke_model(self, *, body: str, **names: str) -> dict[str, Any]:
        return {"body": self._answer(body), "ResponseMetadata": {"HTTPHeaders": self.headers}}

    def invoke_endpoint(self, *, Body: str, **names: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"Body": self._answer(Body)}

    def converse(self, **body: Any) -> Any:
        self.bodies.append(body)
        return self.reply(body)

    def _answer(self, body: str) -> io.BytesIO:
        self.bodies.append(json.loads(body))
        return io.BytesIO(json.dumps(self.reply(self.bodies[-1])).encode())


def test_titan_embeds_one_text_a_call_and_keeps_their_order() -> None:
    runtime = FakeRuntime(lambda body: {"embedding": [float(len(body["inputText"])), 0.0], "inputTextTokenCount": 3})
    embeddings = TitanEmbeddings(runtime, "amazon.titan-embed-text-v2:0", 2)

    vectors = embeddings.embed_documents(["a" * n for n in range(1, 21)])

    assert vectors == [[float(n), 0.0] for n in range(1, 21)]
    assert all(body["dimensions"] == 2 and body["normalize"] for body in runtime.bodies)
    assert embeddings.embedded_tokens == 60
    assert embeddings.texts_a_call == 1


def test_cohere_embeds_up_to_96_texts_a_call_shared_out_evenly_and_tells_questions_from_passages() -> None:
    runtime = FakeRuntime(
        lambda body: {"embeddings": [[1.0, 0.0]] * len(body["texts"])}, {"x-amzn-bedrock-input-token-count": "7"}
    )
    embeddings = CohereEmbeddings(runtime, "cohere.embed-english-v3", 2)

    assert len(embeddings.embed_documents(["text"] * 200)) == 200
    assert embeddings.embed_query("why") == [1.0, 0.0]
    assert sorted(len(body["texts"]) for body in runtime.bodies) == [1, 66, 67, 67]
    assert {body["input_type"] for body in runtime.bodies} == {"search_document", "search_query"}
    assert embeddings.embedded_tokens == 28
    assert embeddings.texts_a_call == 96


def test_a_text_embeddings_inference_container_gets_the_query_prefix() -> None:
    runtime = FakeRuntime(lambda body: [[0.0, 1.0] for _ in body["inputs"]])
    embeddings = SageMakerEmbeddings(runtime, "bge", 2, TextEmbeddingsInference(), "query: ")

    embeddings.embed_query("why")
    embeddings.embed_documents(["because"])

    assert [body["inputs"] for body in runtime.bodies] == [["query: why"], ["because"]]


@pytest.mark.parametrize(("pooling", "expected"), [("cls", [0.6, 0.8]), ("mean", [1.0, 0.0])])
def test_a_vector_for_each_token_is_pooled_and_normalised(pooling: str, expected: list[float]) -> None:
    tokens = [[3.0, 4.0], [3.0, -4.0]]
    runtime = FakeRuntime(lambda body: [[tokens] for _ in body["inputs"]])

    vector = SageMakerEmbeddings(runtime, "hf", 2, FeatureExtraction(pooling)).embed_query("why")

    assert vector == pytest.approx(expected)


def test_vectors_of_tokens_are_asked_for_by_few_texts_a_call() -> None:
    """Four passages of 300 tokens with 384 floats a token are some 5 MB of JSON, and 6 are the most of an answer."""
    runtime = FakeRuntime(lambda body: [[[[1.0, 0.0]]] for _ in body["inputs"]])

    assert len(SageMakerEmbeddings(runtime, "hf", 2, FeatureExtraction("cls")).embed_documents(["text"] * 30)) == 30
    assert max(len(body["inputs"]) for body in runtime.bodies) == 4


def test_a_prompt_without_system_message_has_no_system_in_converse() -> None:
    answer = {"output": {"message": {"content": [{"text": "Because."}]}}}
    runtime = FakeRuntime(lambda _: answer)

    BedrockChat(client=runtime, model="nova", max_tokens=77).invoke("Why?", stop=["."])

    (body,) = runtime.bodies
    assert "system" not in body
    assert body["inferenceConfig"]["stopSequences"] == ["."]


@pytest.mark.parametrize(
    "answer",
    [
        {"embedding": [1.0]},
        {"embedding": [1.0, float("nan")]},
        {"embedding": [1.0, 2.0, 3.0]},
        {"vectors": [[1.0, 2.0]]},
        {"embedding": None},
    ],
)
def test_vectors_that_do_not_fit_the_index_are_refused(answer: dict[str, Any]) -> None:
    """Promise 29: wrong dimensions, NaN and another format are refused before the index."""
    with pytest.raises(ConfigurationError):
        TitanEmbeddings(FakeRuntime(lambda _: answer), "titan", 2).embed_query("why")


def test_converse_always_sets_max_tokens_and_temperature() -> None:
    answer = {
        "output": {"message": {"content": [{"text": "Because [1]."}]}},
        "usage": {"inputTokens": 12, "outputTokens": 4},
    }
    runtime = FakeRuntime(lambda _: answer)

    message = BedrockChat(client=runtime, model="nova", max_tokens=77).invoke(MESSAGES)

    (body,) = runtime.bodies
    assert body["inferenceConfig"] == {"maxTokens": 77, "temperature": 0.0}
    assert body["system"] == [{"text": "Be brief."}]
    assert body["messages"] == [{"role": "user", "content": [{"text": "Why?"}]}]
    assert message.text == "Because [1]."
    assert message.usage_metadata == {"input_tokens": 12, "output_tokens": 4, "total_tokens": 16}


def test_a_messages_container_is_spoken_to_in_roles() -> None:
    answer = {"choices": [{"message": {"content": "Because."}}], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}
    runtime = FakeRuntime(lambda _: answer)

    message = SageMakerChat(client=runtime, endpoint="llm", max_tokens=50, handler=MessagesApi()).invoke(MESSAGES)

    (body,) = runtime.bodies
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]
    assert (body["max_tokens"], body["temperature"]) == (50, 0.0)
    assert message.text == "Because."


def test_a_text_generation_container_gets_one_text() -> None:
    runtime = FakeRuntime(lambda _: [{"generated_text": "Because."}])
    chat = SageMakerChat(client=runtime, endpoint="llm", max_tokens=50, handler=TextGenerationInference())

    assert chat.invoke(MESSAGES).text == "Because."
    assert runtime.bodies[0]["parameters"]["max_new_tokens"] == 50


def test_a_container_that_speaks_another_format_is_a_setting_to_mend() -> None:
    chat = SageMakerChat(client=FakeRuntime(lambda _: {}), endpoint="llm", max_tokens=50, handler=MessagesApi())

    with pytest.raises(ConfigurationError, match="CHAT_FORMAT"):
        chat.invoke(MESSAGES)


@pytest.mark.parametrize(
    ("code", "status", "meaning"),
    [
        ("ThrottlingException", 429, ThrottledError),
        ("ServiceQuotaExceededException", 400, ThrottledError),
        ("ResourceLimitExceeded", 400, ThrottledError),
        ("ModelNotReadyException", 429, ServiceUnavailableError),
        ("ModelTimeoutException", 408, ServiceUnavailableError),
        ("ServiceUnavailableException", 503, ServiceUnavailableError),
        ("InternalServerException", 500, ServiceUnavailableError),
        ("AccessDeniedException", 403, ConfigurationError),
        ("ValidationException", 400, ConfigurationError),
    ],
)
def test_errors_of_the_model_services_have_one_meaning_each(code: str, status: int, meaning: type[DocqaError]) -> None:
    error = ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Converse")  # type: ignore[typeddict-item]

    with pytest.raises(meaning), model_errors("model"):
        raise error


@pytest.mark.parametrize(
    ("status", "meaning"), [(429, ThrottledError), (503, ServiceUnavailableError), (422, ConfigurationError)]
)
def test_what_a_container_answered_counts_not_that_it_failed(status: int, meaning: type[DocqaError]) -> None:
    response: Any = {
        "Error": {"Code": "ModelError"},
        "OriginalStatusCode": status,
        "ResponseMetadata": {"HTTPStatusCode": 424},
    }

    with pytest.raises(meaning), model_errors("endpoint"):
        raise ClientError(response, "InvokeEndpoint")


def test_no_answer_is_unavailable() -> None:
    with pytest.raises(ServiceUnavailableError), model_errors("model"):
        raise ReadTimeoutError(endpoint_url="https://bedrock.test")
