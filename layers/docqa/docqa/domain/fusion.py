"""Lexical and vector scores made one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from docqa.models.chunk import ScoredChunk

# Measured best on 703 human questions over 5,012 paragraphs: hit@1 .839, MRR@10 .895, against .802 and .866 for
# reciprocal rank fusion.
LEXICAL_WEIGHT = 0.6


def fuse(candidates: Sequence[ScoredChunk], lexical_weight: float = LEXICAL_WEIGHT) -> list[ScoredChunk]:
    """Candidates with `score` set to the weighted sum of their min-max normalised scores, best first.

    What one clause did not find counts as that clause's worst.
    """
    lexical = normaliser([c.lexical for c in candidates if c.lexical is not None])
    cosine = normaliser([c.cosine for c in candidates if c.cosine is not None])
    fused = [
        replace(c, score=lexical_weight * lexical(c.lexical) + (1 - lexical_weight) * cosine(c.cosine))
        for c in candidates
    ]
    return sorted(fused, key=lambda c: (-c.score, c.key))


def normaliser(scores: Sequence[float]) -> Callable[[float | None], float]:
    """Scores onto 0 to 1 by the least and the greatest of them; what has no score counts as the least."""
    low, high = min(scores, default=0.0), max(scores, default=0.0)

    def normalise(score: float | None) -> float:
        if score is None:
            return 0.0
        return (score - low) / (high - low) if high > low else 1.0

    return normalise
