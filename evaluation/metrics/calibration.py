"""Whether a confidence of 0.8 is right in eight of ten cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.outcomes import Outcome

BINS = 10


@dataclass(frozen=True)
class Reliability:
    """Questions of about the same confidence: how many, their mean confidence, how many could be answered."""

    questions: int
    confidence: float
    answerable: float


def pairs(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """Rows of confidence, and whether the documents hold the answer (1 or 0); none of only one kind of questions."""
    rows = [(one.confidence, float(one.question.answerable)) for one in outcomes]
    kinds = {answerable for _, answerable in rows}
    return np.asarray(rows if len(kinds) > 1 else [], dtype=np.float64).reshape(-1, 2)


def reliability(rows: NDArray[np.float64]) -> list[Reliability]:
    """Ten bins of equal numbers of questions, by confidence."""
    ordered = rows[np.argsort(rows[:, 0], kind="stable")]
    parts = [part for part in np.array_split(ordered, BINS) if len(part)]
    return [Reliability(len(part), float(part[:, 0].mean()), float(part[:, 1].mean())) for part in parts]


def expected_calibration_error(rows: NDArray[np.float64]) -> float | None:
    """Mean distance of confidence and truth over the bins, each weighed by its questions."""
    if not len(rows):
        return None
    return sum(bin_.questions * abs(bin_.confidence - bin_.answerable) for bin_ in reliability(rows)) / len(rows)
