"""A reranking model in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from docqa.domain.terms import terms


def _common_terms(question: str, text: str) -> float:
    return float(len(set(terms(question)) & set(terms(text))))


@dataclass
class InMemoryReranker:
    """Scores by common terms, or as it is told; raises `fault` while that is set.

    Attributes:
        read: Texts of every call so far.
    """

    model: str = "cohere.rerank-v3-5:0"
    most: int = 32
    score: Callable[[str, str], float] = _common_terms
    fault: Exception | None = None
    read: list[list[str]] = field(default_factory=list)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.read.append(list(texts))
        if self.fault is not None:
            raise self.fault
        return [self.score(question, text) for text in texts]
