"""Answering what cannot be answered, refusing what can: both rates, at the threshold in use and at every other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.outcomes import Outcome

Floats = NDArray[np.float64]


def abstention_measures(outcome: Outcome) -> dict[str, float]:
    """One of the two errors; what failed counts as either."""
    if outcome.question.answerable:
        return {"false_abstention_rate": float(not outcome.answered)}
    return {"false_answer_rate": float(outcome.answered or bool(outcome.error))}


def hard_measures(outcome: Outcome) -> dict[str, float]:
    """Answered although just the gold passages are away; the rest of their documents is there and may mislead."""
    if outcome.hard_answered is None:
        return {}
    return {"false_answer_rate": float(outcome.hard_answered)}


@dataclass(frozen=True)
class Curve:
    """Both error rates over the threshold; None: there are no questions of that kind."""

    thresholds: list[float]
    false_answers: list[float] | None
    false_abstentions: list[float] | None
    hard_false_answers: list[float] | None


def curve(outcomes: Sequence[Outcome], points: int = 101) -> Curve:
    """What each threshold from 0 to 1 would do, by confidence alone."""
    thresholds = np.linspace(0.0, 1.0, points)
    right = [_confidence(one) for one in outcomes if one.question.answerable]
    wrong = [_confidence(one) for one in outcomes if not one.question.answerable]
    hard = [one.hard_confidence for one in outcomes if one.hard_confidence is not None]
    answered = [_share_above(values, thresholds) for values in (right, wrong, hard)]
    return Curve(
        thresholds.round(4).tolist(),
        _listed(answered[1]),
        None if answered[0] is None else _listed(1 - answered[0]),
        _listed(answered[2]),
    )


def _confidence(outcome: Outcome) -> float:
    """Nothing to quote is no answer, at whatever threshold."""
    return outcome.confidence if outcome.evidence or not outcome.ranked else -1.0


def _share_above(values: Sequence[float], thresholds: Floats) -> Floats | None:
    if not values:
        return None
    return np.asarray([(np.asarray(values) >= one).mean() for one in thresholds], dtype=np.float64)


def _listed(values: Floats | None) -> list[float] | None:
    return None if values is None else [float(value) for value in values.round(4)]
