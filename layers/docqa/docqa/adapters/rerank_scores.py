"""What every reranking service answers with: places and scores, best first."""

from __future__ import annotations

import math
from collections.abc import Iterable


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
