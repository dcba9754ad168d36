"""Calls for 10,000 texts with batching, against one text a call: counted at the real adapters' client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.load.counted_jobs import EMBEDDING, PASSAGE
from benchmarks.load.counted_jobs import count as count_job
from benchmarks.load.counted_models import DIMENSIONS, CountedModels
from docqa.adapters.bedrock_embeddings import CohereEmbeddings, TitanEmbeddings
from docqa.adapters.content_handlers.embedding_containers import FeatureExtraction, TextEmbeddingsInference
from docqa.adapters.metered_embeddings import MeteredEmbeddings
from docqa.adapters.sagemaker_embeddings import SageMakerEmbeddings
from docqa.domain.spans import chunk_spans

TEXTS = 10_000
ONE_TEXT_A_CALL = "Titan takes one text a call: only a batch job saves any"

Embedder = Callable[[CountedModels], MeteredEmbeddings]
AT_ONCE: dict[str, Embedder] = {
    "Cohere on Bedrock": lambda models: CohereEmbeddings(models, "cohere.embed-english-v3", DIMENSIONS),
    "TEI on SageMaker": lambda models: SageMakerEmbeddings(models, "tei", DIMENSIONS, TextEmbeddingsInference()),
    "inference toolkit on SageMaker": lambda models: SageMakerEmbeddings(
        models, "toolkit", DIMENSIONS, FeatureExtraction("cls")
    ),
    "Titan on Bedrock": lambda models: TitanEmbeddings(models, "amazon.titan-embed-text-v2:0", DIMENSIONS),
}
TAKES_ONE = frozenset({"Titan on Bedrock"})


def measure() -> dict[str, Any]:
    """Every model in real time, span by span as the state machine does it, and every job route."""
    rows = [
        {
            "model": name,
            "route": "real time",
            "calls": batched_calls(embedder, TEXTS),
            "one_text_a_call": single_calls(embedder, TEXTS),
            "takes_one_text": name in TAKES_ONE,
        }
        for name, embedder in AT_ONCE.items()
    ]
    for route, model in (
        ("asynchronous", "TEI on SageMaker"),
        ("transform", "TEI on SageMaker"),
        ("bedrock batch", "Titan on Bedrock"),
    ):
        calls = count_job(EMBEDDING[route], PASSAGE, TEXTS).calls
        rows.append({"model": model, "route": route, "calls": calls, "one_text_a_call": TEXTS, "takes_one_text": False})
    return {"texts": TEXTS, "rows": rows}


def batched_calls(embedder: Embedder, texts: int) -> int:
    """Calls for a document of so many passages."""
    models = CountedModels()
    embeddings = embedder(models)
    for span in chunk_spans(texts):
        embeddings.embed_documents([PASSAGE] * (span.last - span.first + 1))
    return models.calls.total()


def single_calls(embedder: Embedder, texts: int) -> int:
    """Calls when each text is embedded by itself."""
    models = CountedModels()
    embeddings = embedder(models)
    for _ in range(texts):
        embeddings.embed_documents([PASSAGE])
    return models.calls.total()


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    rows = [
        f"| {one['model']} | {one['route']} | {one['calls']:,} | {one['one_text_a_call']:,} "
        f"| {one['one_text_a_call'] / one['calls']:,.1f} |"
        for one in result["rows"]
    ]
    return [
        f"Calls of the model's interface for {result['texts']:,} passages, counted at the client of the real adapters,",
        f"in spans as the state machine shares them out. {ONE_TEXT_A_CALL}.",
        "",
        "| model | route | calls | one text a call | times fewer |",
        "|---|---|---|---|---|",
        *rows,
    ]
