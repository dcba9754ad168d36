"""docqa's own adapters on serverless and multi-model endpoints, which behave as the tests beside this one pin down."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from docqa.adapters.content_handlers.chat_containers import MessagesApi
from docqa.adapters.content_handlers.embedding_containers import TextEmbeddingsInference
from docqa.adapters.sagemaker_chat import SageMakerChat
from docqa.adapters.sagemaker_embeddings import SageMakerEmbeddings
from docqa.bootstrap.clock import SystemClock
from docqa.domain.backoff import Backoff
from docqa.errors import ConfigurationError, ServiceUnavailableError, ThrottledError
from docqa.services.circuit_breaker import CircuitBreaker
from docqa.services.model_calls import CallRules, ModelCalls
from tests.fakes.model_server import LengthEmbedding
from tests.integration.devstack.conformance.hosted import Hosted

DIMENSIONS = LengthEmbedding.dimensions
ENGLISH, GERMAN = "several/en.tar.gz", "several/de.tar.gz"


@pytest.fixture
def several(hosted: Hosted) -> Hosted:
    """A multi-model endpoint with the archives of two languages and a chat model."""
    for name in ("en", "de", "chat/messages"):
        hosted.server.put(f"models/{name}.tar.gz", b"archive")
    image = "huggingface-pytorch-inference:2.6"
    hosted.on_instances("several", image=image, ModelDataUrl="s3://work/models/", Mode="MultiModel")
    return hosted


def embeddings(hosted: Hosted, name: str, calls: ModelCalls | None = None) -> SageMakerEmbeddings:
    return SageMakerEmbeddings(hosted.runtime, name, DIMENSIONS, TextEmbeddingsInference(), calls=calls)


def patient(name: str) -> ModelCalls:
    """As passages are embedded, with shorter pauses."""
    rules = CallRules(throttled=Backoff(attempts=12, first=0.2), failing=Backoff(attempts=12, first=0.2))
    clock = SystemClock()
    return ModelCalls(name, rules, CircuitBreaker(name, clock, 50), clock, time.sleep, random.Random(7).random)


def test_each_model_behind_one_endpoint_is_asked_by_its_archive(several: Hosted) -> None:
    english, german = embeddings(several, ENGLISH), embeddings(several, GERMAN)

    vectors = english.embed_documents(["a", "bb"])

    assert [len(vector) for vector in vectors] == [DIMENSIONS] * 2
    assert len(german.embed_query("a")) == DIMENSIONS
    assert several.server.counts("sagemaker")["model_loads"] == 2
    assert english.model != german.model, "vectors are kept by this name"


def test_a_model_that_still_loads_is_not_there_and_is_asked_again(several: Hosted) -> None:
    several.server.behave("sagemaker", load_seconds=0.5, limits_faster=200)  # 60 seconds are 0.3

    with pytest.raises(ServiceUnavailableError, match="ModelNotReadyException"):
        embeddings(several, ENGLISH).embed_query("a")
    assert len(embeddings(several, GERMAN, patient(GERMAN)).embed_documents(["a", "bb"])) == 2


def test_an_endpoint_of_several_models_needs_the_archive_and_one_that_is_there(several: Hosted) -> None:
    for name in ("several", "several/it.tar.gz"):
        with pytest.raises(ConfigurationError, match="several"):
            embeddings(several, name).embed_query("a")


def test_a_chat_model_is_one_of_several_too(several: Hosted) -> None:
    chat = SageMakerChat(
        client=several.runtime, endpoint="several/chat/messages.tar.gz", max_tokens=20, handler=MessagesApi()
    )

    assert chat.invoke([HumanMessage("Why?")]).content
    with pytest.raises(ConfigurationError):
        chat.model_copy(update={"endpoint": "several"}).invoke([HumanMessage("Why?")])


def test_a_cold_serverless_endpoint_is_waited_for(hosted: Hosted) -> None:
    hosted.serverless()
    hosted.server.behave("sagemaker", cold_start_seconds=0.3)

    assert len(embeddings(hosted, "serverless").embed_query("a")) == DIMENSIONS
    assert hosted.server.counts("sagemaker")["cold_starts"] == 1


def test_beyond_a_serverless_endpoints_concurrency_is_a_throttle_and_passes(hosted: Hosted) -> None:
    hosted.serverless(most=1)
    hosted.server.behave("sagemaker", cold_start_seconds=0.5)
    texts = ["text"] * 4 * TextEmbeddingsInference().most
    refused: list[Exception] = []
    lock = threading.Lock()

    def once(_: int) -> None:
        try:
            embeddings(hosted, "serverless").embed_query("a")
        except ThrottledError as error:
            with lock:
                refused.append(error)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(once, range(3)))
    vectors: list[Any] = embeddings(hosted, "serverless", patient("serverless")).embed_documents(texts)

    assert len(refused) == 2
    assert len(vectors) == len(texts), "four calls side by side, one at a time let through"
