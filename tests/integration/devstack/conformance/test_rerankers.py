"""Both rerankers through boto3 against the model server: what goes over the wire, and what its refusals mean."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from docqa.adapters.bedrock_rerank import BedrockReranker
from docqa.adapters.sagemaker_rerank import SageMakerReranker
from docqa.errors import ConfigurationError, ServiceUnavailableError, ThrottledError
from docqa.ports.reranking import Reranker
from tests.contracts.reranker import QUESTION, TEXTS, RerankerContract
from tests.integration.devstack.conformance.local_server import LocalServer, client


@pytest.fixture(scope="module")
def agents(port: int) -> Any:
    return client("bedrock-agent-runtime", port)


class TestBedrockReranker(RerankerContract):
    @pytest.fixture(params=["cohere.rerank-v3-5:0", "amazon.rerank-v1:0"])
    def reranker(self, request: pytest.FixtureRequest, server: LocalServer, agents: Any) -> Reranker:
        return BedrockReranker(agents, request.param)


class TestSageMakerReranker(RerankerContract):
    @pytest.fixture
    def reranker(self, server: LocalServer, runtime: Any) -> Reranker:
        return SageMakerReranker(runtime, "bge-reranker-rerank")


def test_bedrock_answers_with_the_best_first_and_no_more_than_is_asked_for(server: LocalServer, agents: Any) -> None:
    """ "index: The ranking of the document. The original index of the document from the input sources array." (API
    reference, RerankResult)
    """
    answer = agents.rerank(**request(numberOfResults=2))

    assert len(answer["results"]) == 2
    assert answer["results"][0]["index"] == 1
    assert answer["results"][0]["relevanceScore"] > answer["results"][1]["relevanceScore"]


@pytest.mark.parametrize(
    "changes",
    [
        {"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"},
        {"modelArn": "cohere.rerank-v3-5:0"},
        {"numberOfResults": 4},
    ],
)
def test_bedrock_refuses_what_is_no_reranker_or_too_much(
    server: LocalServer, agents: Any, changes: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        agents.rerank(**request(**changes))

    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_throttle_is_told_from_a_refusal(server: LocalServer, agents: Any, runtime: Any) -> None:
    server.behave("bedrock", throttled_share=1.0)
    server.behave("sagemaker", throttled_share=1.0)

    for reranker in (BedrockReranker(agents, "amazon.rerank-v1:0"), SageMakerReranker(runtime, "x-rerank")):
        with pytest.raises(ThrottledError):
            reranker.scores(QUESTION, TEXTS)


def test_a_model_that_is_none_is_a_matter_of_settings(server: LocalServer, agents: Any, runtime: Any) -> None:
    for reranker in (BedrockReranker(agents, "cohere.rerank-v9:0"), SageMakerReranker(runtime, "x-tei")):
        with pytest.raises(ConfigurationError):
            reranker.scores(QUESTION, TEXTS)


def test_a_server_that_is_away_is_unavailable(server: LocalServer, agents: Any, runtime: Any) -> None:
    server.stop()

    for reranker in (BedrockReranker(agents, "amazon.rerank-v1:0"), SageMakerReranker(runtime, "x-rerank")):
        with pytest.raises(ServiceUnavailableError):
            reranker.scores(QUESTION, TEXTS)
    server.start()


def request(
    modelArn: str = "arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0",  # noqa: N803 - boto3's names
    numberOfResults: int = 3,  # noqa: N803
) -> dict[str, Any]:
    return {
        "queries": [{"type": "TEXT", "textQuery": {"text": QUESTION}}],
        "sources": [
            {"type": "INLINE", "inlineDocumentSource": {"type": "TEXT", "textDocument": {"text": text}}}
            for text in TEXTS
        ],
        "rerankingConfiguration": {
            "type": "BEDROCK_RERANKING_MODEL",
            "bedrockRerankingConfiguration": {
                "numberOfResults": numberOfResults,
                "modelConfiguration": {"modelArn": modelArn},
            },
        },
    }
