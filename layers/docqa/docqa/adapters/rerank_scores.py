"""What every reranking service has in common: how it is called, and that it answers with places and scores."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from docqa.services.model_calls import Calls, Unpaced


class CalledReranker(ABC):
    """A reranking model behind a service; implements `ports.Reranker`.

    Args:
        model: What the service calls it.
        calls: How it is called; None: once, whatever comes of it.
    """

    most: int

    def __init__(self, model: str, calls: Calls | None) -> None:
        self.model = model
        self._calls = calls or Unpaced()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question, from 0 to 1."""
        # No such model is limited by tokens a minute, and none are counted.
        return self._calls.make(lambda: self._asked(question, texts), 0, lambda _: 0)

    @abstractmethod
    def _asked(self, question: str, texts: Sequence[str]) -> list[float]:
        """The scores of one call."""


def scores_in_order(answered: Iterable[tuple[int, float]], texts: int) -> list[float]:
    """The scores in the order of the texts.

    Args:
        answered: Place of a text, from 0, and its score.
        texts: How many were sent.

    Raises:
        ValueError: not each text has exactly one score, or one is no number.
    """
    scores = [(int(place), float(score)) for place, score in answered]
    if sorted(place for place, _ in scores) != list(range(texts)) or not all(math.isfinite(s) for _, s in scores):
        raise ValueError(f"not one score for each of {texts} texts")
    return [score for _, score in sorted(scores)]
