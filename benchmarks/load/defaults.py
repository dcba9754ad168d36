"""What holds by default: benchmarks measure what is deployed, not numbers of their own."""

from __future__ import annotations

from functools import cache

from docqa.domain.measured_boundaries import PASSAGES, PROMPTS, Sizes
from docqa.domain.routing import Boundaries
from tools import translate

BEDROCK, OWN_ENDPOINT = "Bedrock", "own endpoint"
_PROVIDERS = {BEDROCK: "bedrock", OWN_ENDPOINT: "sagemaker"}


@cache
def parameter(name: str) -> float:
    """A number among the template's parameters."""
    return float(translate.source()["Parameters"][name]["Default"])


def boundary(name: str, model_on: str) -> int:
    """A boundary of routing, where the template's parameter of that name is left as it is."""
    provider = _PROVIDERS[model_on]
    by_provider = {**_named("Passages", PASSAGES.at(provider)), **_named("Prompts", PROMPTS.at(provider))}
    return by_provider[name] if name in by_provider else int(parameter(name))


def passage_boundaries() -> Boundaries:
    """Of documents, with the embedding model on an own endpoint."""
    names = ("RealtimePassages", "BatchPassages", "BatchDocuments")
    return Boundaries(*(boundary(name, OWN_ENDPOINT) for name in names))


def _named(records: str, sizes: Sizes) -> dict[str, int]:
    return {f"Realtime{records}": sizes.realtime_records, f"Batch{records}": sizes.batch_records}
