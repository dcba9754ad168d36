"""30 % of calls throttled: does everything finish, with how many calls, and do refused calls come back together?"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from benchmarks.load.counted_models import DIMENSIONS
from benchmarks.load.throttled_models import CALL_SECONDS, OwnTime, ThrottledModels
from docqa.adapters.bedrock_embeddings import CohereEmbeddings, TitanEmbeddings
from docqa.adapters.content_handlers.embedding_containers import TextEmbeddingsInference
from docqa.adapters.metered_embeddings import MeteredEmbeddings
from docqa.adapters.sagemaker_embeddings import SageMakerEmbeddings
from docqa.bootstrap.model_calls import DOCUMENT_EMBEDDING
from docqa.domain.spans import CHUNKS_PER_SPAN
from docqa.services.circuit_breaker import CircuitBreaker
from docqa.services.model_calls import ModelCalls

SHARE = 0.3
# Spans that are embedded side by side, each by a process of its own, as many functions do.
PROCESSES = 48
BEGAN = 1_000_000.0
TENTH = 0.1
MODELS = ("Titan on Bedrock", "Cohere on Bedrock", "TEI on SageMaker")


def measure() -> dict[str, Any]:
    """Each model with a share of its calls refused; then all first calls refused at one moment."""
    return {
        "share": SHARE,
        "processes": PROCESSES,
        "texts": PROCESSES * CHUNKS_PER_SPAN,
        "models": {model: throttled_run(model, SHARE) for model in MODELS},
        "together": refused_together(),
    }


def throttled_run(model: str, share: float) -> dict[str, Any]:
    """Every process embeds a span; how many calls that took, and what was not answered exactly once."""
    calls, least, answered, vectors = 0, 0, Counter[int](), 0
    for process in range(PROCESSES):
        time = OwnTime(BEGAN)
        service = ThrottledModels(time, share)
        vectors += len(_embeddings(model, service, time, process).embed_documents(texts_of(process)))
        calls += service.calls
        least += len(service.attempts)
        answered.update(service.answered.values())
    return {
        "least_calls": least,
        "calls": calls,
        "times_the_least": round(calls / least, 3),
        "not_answered_once": least - answered[1],
        "vectors": vectors,
    }


def refused_together() -> dict[str, Any]:
    """Every first call of every process is refused at the same instant: when they come back, in tenths of a second."""
    retries: list[float] = []
    for process in range(PROCESSES):
        time = OwnTime(BEGAN)
        service = ThrottledModels(time, 1.0, until=BEGAN + CALL_SECONDS / 2)
        embeddings = _embeddings("Titan on Bedrock", service, time, process)
        embeddings.embed_documents(texts_of(process)[:1])
        retries += service.retried_at
    after = sorted(at - BEGAN - CALL_SECONDS for at in retries)
    tenths = Counter(int(at / TENTH) for at in after)
    return {
        "refused": len(after),
        "first_after": round(after[0], 3),
        "last_after": round(after[-1], 3),
        "by_tenth": [tenths[tenth] for tenth in range(max(tenths) + 1)],
        "most_within_twentieth": most_within(after, TENTH / 2),
    }


def most_within(instants: list[float], seconds: float) -> int:
    """The most of the instants, in order, that any stretch of so many seconds holds."""
    return max(sum(first <= at < first + seconds for at in instants[n:]) for n, first in enumerate(instants))


def texts_of(process: int) -> list[str]:
    """A span of its own."""
    return [f"passage {number} of process {process}, which says something" for number in range(CHUNKS_PER_SPAN)]


def _embeddings(model: str, service: ThrottledModels, time: OwnTime, seed: int) -> MeteredEmbeddings:
    """As bootstrap makes them, but for client, clock and chance."""
    breaker = CircuitBreaker(model, time, DOCUMENT_EMBEDDING.failures)
    chance = random.Random(seed).random  # noqa: S311 - a load, no secret
    calls = ModelCalls(model, DOCUMENT_EMBEDDING.rules, breaker, time, time.sleep, chance)
    if model.startswith("Titan"):
        return TitanEmbeddings(service, "amazon.titan-embed-text-v2:0", DIMENSIONS, calls)
    if model.startswith("Cohere"):
        return CohereEmbeddings(service, "cohere.embed-english-v3", DIMENSIONS, calls)
    return SageMakerEmbeddings(service, "tei", DIMENSIONS, TextEmbeddingsInference(), calls=calls)


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    rows = [
        f"| {model} | {one['least_calls']:,} | {one['calls']:,} | {one['times_the_least']:.2f} "
        f"| {one['not_answered_once']} |"
        for model, one in result["models"].items()
    ]
    together = result["together"]
    tenths = ", ".join(f"{count}" for count in together["by_tenth"])
    return [
        f"{result['texts']:,} passages, a span in each of {result['processes']} processes, {result['share']:.0%} of",
        "all calls refused, with the shipped adapters and rules of calling, on clocks of the benchmark's.",
        "",
        "| model | least calls | calls | times the least | not answered exactly once |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"{together['refused']} calls that were refused at one moment came back",
        f"{together['first_after']:.2f} to {together['last_after']:.2f} s later; in tenths of a second: {tenths}.",
        f"At most {together['most_within_twentieth']} of them within any twentieth.",
    ]
