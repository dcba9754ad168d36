"""How far chance alone moves a figure: bootstrap over the questions, with a fixed seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
SEED = 7
LEVEL = 0.95
# Too few questions to say anything by drawing them again.
LEAST_QUESTIONS = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """Where the figure lies with a chance of 95 %."""

    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """New minus old over the questions that both runs have.

    Attributes:
        verdict: better, worse, inconclusive (zero lies in the interval), or same: no question differs.
    """

    questions: int
    old: float
    new: float
    interval: Interval
    verdict: str


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Of a mean over questions."""
    return resampled(np.asarray(values, dtype=np.float64), lambda rows: rows.mean(axis=-1))


def resampled(rows: Floats, figure: Callable[[Floats], Floats | np.floating]) -> Interval | None:
    """Of any figure of an array of one number a question, computed along the last axis."""
    if len(rows) < LEAST_QUESTIONS:
        return None
    chosen = np.random.default_rng(SEED).integers(0, len(rows), (RESAMPLES, len(rows)))
    return _interval(np.asarray(figure(rows[chosen]), dtype=np.float64))


def resampled_rows(rows: Floats, figure: Callable[[Floats], float | None], times: int = 500) -> Interval | None:
    """Of any figure of an array of one row a question."""
    if len(rows) < LEAST_QUESTIONS:
        return None
    random = np.random.default_rng(SEED)
    draws = (figure(rows[random.integers(0, len(rows), len(rows))]) for _ in range(times))
    return _interval(np.asarray([value for value in draws if value is not None], dtype=np.float64))


def _interval(draws: Floats) -> Interval:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def paired(old: Mapping[str, float], new: Mapping[str, float], *, less_is_better: bool) -> Difference | None:
    """Compare two runs question by question; None with fewer than two questions in common.

    Args:
        old: Value by question.
        new: The same.
        less_is_better: Of an error rate.
    """
    both = sorted(old.keys() & new.keys())
    values = np.asarray([(old[one], new[one]) for one in both], dtype=np.float64).reshape(-1, 2)
    interval = mean_interval((values[:, 1] - values[:, 0]).tolist())
    if interval is None:
        return None
    before, after = (float(value) for value in values.mean(axis=0))
    verdict = "inconclusive" if np.any(values[:, 0] != values[:, 1]) else "same"
    if interval.low > 0 or interval.high < 0:
        verdict = "worse" if (interval.low > 0) is less_is_better else "better"
    return Difference(len(both), before, after, interval, verdict)
