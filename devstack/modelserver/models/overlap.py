"""What stands in for a reranking model: shared words, no model at all.

The packaged models hold no cross-encoder. This is enough to see that the wire works and that an order is taken over;
it says nothing about how good a reranking model would be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+")


def overlap_scores(question: str, texts: Sequence[str]) -> list[float]:
    """Of each text the share of the question's different words that stand in it, 0 to 1."""
    asked = _words(question)
    return [len(asked & _words(text)) / max(len(asked), 1) for text in texts]


def ranked(scores: Sequence[float]) -> list[tuple[int, float]]:
    """Places and scores, best first; of equal ones the earlier first."""
    return sorted(enumerate(scores), key=lambda one: -one[1])


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))
