"""What the template's parameters are by default: benchmarks measure what is deployed, not numbers of their own."""

from __future__ import annotations

from docqa.domain.routing import Boundaries
from tools import translate


def parameter(name: str) -> float:
    """A number among the template's parameters."""
    return float(translate.source()["Parameters"][name]["Default"])


def passage_boundaries() -> Boundaries:
    """Of documents."""
    return Boundaries(*(int(parameter(name)) for name in ("RealtimePassages", "BatchPassages", "BatchDocuments")))


def prompt_boundaries() -> Boundaries:
    """Of batches of questions."""
    return Boundaries(*(int(parameter(name)) for name in ("RealtimePrompts", "BatchPrompts", "BatchesTogether")))
