"""Boundaries of a deployment: what its settings say, else what was measured for where the model is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from docqa.bootstrap import batches, clients, inference, inference_jobs, spending, stores
from docqa.bootstrap.batches import ArrangeSettings
from docqa.bootstrap.inference_jobs import RouterSettings
from docqa.config import load_settings
from docqa.domain.measured_boundaries import PASSAGES, PROMPTS
from docqa.domain.routing import Boundaries

EMBEDDING = {
    "EMBEDDING_MODEL": "amazon.titan-embed-text-v2:0",
    "EMBEDDING_DIMENSIONS": "1024",
    "EMBEDDING_FORMAT": "",
    "WORK_BUCKET": "work",
    "REALTIME_PASSAGES": "",
    "BATCH_PASSAGES": "",
    "BATCH_DOCUMENTS": "100",
    "EMBED_WITHIN_SECONDS": "90000",
    "WAKING_USD": "0.3",
    "TRANSFORM_USD": "0.12",
}
CHAT = {
    "CHAT_MODEL": "m",
    "REALTIME_PROMPTS": "",
    "BATCH_PROMPTS": "",
    "BATCHES_TOGETHER": "3",
    "WAKING_USD": "0.3",
    "TRANSFORM_USD": "0.12",
    "SPENDING_TABLE": "spending",
}


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clients are made, and nothing is called."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    yield
    caches = (stores.bucket, stores.registry, inference.vector_jobs, inference.reply_jobs, batches._registry)
    for made in (clients.client, *caches, spending.budgets, spending._ledger):
        made.cache_clear()


def of_passages(**settings: str) -> Boundaries:
    return inference_jobs.embedding_router("t", load_settings(RouterSettings, EMBEDDING | settings)).boundaries


def of_prompts(**settings: str) -> Boundaries:
    known = load_settings(ArrangeSettings, CHAT | settings)
    return batches.request_replies("t", "jobs", "work", "https://sqs.test/q", known).boundaries


def test_left_empty_they_are_what_was_measured_for_where_the_model_is() -> None:
    """Promise 31: a model on Bedrock shares a quota, and one of one's own an instance."""
    bedrock, own = PASSAGES.bedrock, PASSAGES.own_endpoint
    assert of_passages(EMBEDDING_PROVIDER="bedrock") == bedrock.boundaries(None, None, 100)
    assert of_passages(EMBEDDING_PROVIDER="sagemaker", EMBEDDING_FORMAT="tei") == own.boundaries(None, None, 100)
    assert of_prompts(CHAT_PROVIDER="bedrock") == PROMPTS.bedrock.boundaries(None, None, 3)
    assert of_prompts(CHAT_PROVIDER="sagemaker") == PROMPTS.own_endpoint.boundaries(None, None, 3)
    assert of_prompts(CHAT_PROVIDER="bedrock") != of_prompts(CHAT_PROVIDER="sagemaker")


def test_settings_go_before_that() -> None:
    assert of_passages(EMBEDDING_PROVIDER="bedrock", REALTIME_PASSAGES="0", BATCH_PASSAGES="7") == Boundaries(0, 7, 100)
    assert of_prompts(CHAT_PROVIDER="sagemaker", REALTIME_PROMPTS="500", BATCH_PROMPTS="900") == Boundaries(500, 900, 3)
