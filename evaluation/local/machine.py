"""What the evaluation runs on: an OpenSearch node, the packaged models in this process, and a folder that is kept."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from opensearchpy import OpenSearch

from devstack import control, downloads
from devstack.deploy import template_parameters
from devstack.modelserver.__main__ import remote_chat
from devstack.modelserver.models.registry import Models, real_models
from devstack.modelserver.settings import ModelServerSettings
from devstack.settings import REPOSITORY, DevstackSettings, Endpoints
from docqa.adapters.bedrock_embeddings import CohereEmbeddings
from evaluation.local.chat_rules import ChatRules, rules_of
from evaluation.local.model_clients import BedrockClient

# What `make demo` deploys (samconfig.toml): the calibration in confidence.json was measured under it.
EMBEDDING_MODEL, DIMENSIONS = "cohere.embed-english-v3", 384
CHAT_MODEL = "amazon.nova-lite-v1:0"
CACHE = REPOSITORY / "build" / "evaluation"
THREADS = 2
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Machine:
    """Everything outside of the product that a question needs.

    Attributes:
        cache: Work folders, vectors and extractions, by set.
        chat_name: What the chat model is called in a report.
        chat_rules: Those of `make demo` for the packaged model, the template's own for another one.
    """

    opensearch: OpenSearch
    models: Models
    bedrock: BedrockClient
    embeddings: CohereEmbeddings
    cache: Path
    chat_name: str
    chat_rules: ChatRules


@contextmanager
def machine(cache: Path = CACHE, settings: DevstackSettings | None = None, threads: int = THREADS) -> Iterator[Machine]:
    """The node of this checkout's one-machine cloud, started if it does not run, and then stopped again.

    Args:
        cache: What is kept between runs.
        settings: Which one-machine cloud; None: the one that the environment names.
        threads: Of the embedding model and the OCR engine.
    """
    settings = settings or DevstackSettings.from_environment(os.environ)
    running = control.is_healthy(f"{Endpoints.of(settings).opensearch_url}/_cluster/health")
    if not running:
        control.up(settings, only=("opensearch",))
    client = OpenSearch([Endpoints.of(settings).opensearch_url], timeout=_TIMEOUT_SECONDS)
    try:
        yield _machine(settings, client, cache, threads)
    finally:
        client.close()
        if not running:
            control.down(settings)


def _machine(settings: DevstackSettings, client: OpenSearch, cache: Path, threads: int) -> Machine:
    models = packaged_models(settings, cache, threads)
    bedrock = BedrockClient(models)
    embeddings = CohereEmbeddings(bedrock, EMBEDDING_MODEL, DIMENSIONS)
    remote = remote_chat(os.environ)
    name = remote.model if remote else "SmolLM2-135M-Instruct"
    rules = rules_of({} if remote else template_parameters(settings))
    return Machine(client, models, bedrock, embeddings, cache, name, rules)


def packaged_models(settings: DevstackSettings, cache: Path, threads: int = THREADS) -> Models:
    """Embedding, chat and OCR, loaded when first needed; DOCQA_CHAT_URL may name another chat model."""
    folder = downloads.fetch_embedding_model(settings.downloads, settings.logs_dir)
    # Nobody waits here for somebody else, so nothing is refused, however slow the machine.
    settings_of_models = ModelServerSettings(
        cache, "", folder, remote_chat(os.environ), threads=threads, longest_wait=math.inf
    )
    return real_models(settings_of_models)
