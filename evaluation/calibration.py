"""Confidence fitted and judged: rates of wrong decisions and calibration error, out of fold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.logistic import Floats, fit, out_of_fold

FOLDS = 10
PENALTY = 1.0
WEIGHT_OF_A_SET = 600.0
# Share of answerable ones among questions that people ask; squad has 0.845. A fit of even odds would call most
# questions too doubtful, and its confidence would not be the share that is right.
PRIOR = 0.85
TOLERATED_ABSTENTIONS = 0.05
BINS = 10
RESAMPLES = 1000
# Whose curve the threshold is chosen from: short factual questions, some without an answer, asked by people.
REFERENCE_SET = "squad"


@dataclass(frozen=True)
class Measured:
    """A question that was searched.

    Attributes:
        hard: Just the passages that hold the answer were taken away; such questions are reported, not fitted.
    """

    set_name: str
    question: str
    answerable: bool
    hard: bool
    features: Mapping[str, float]


def calibrate(measured: Sequence[Measured], names: Sequence[str]) -> dict[str, Any]:
    """Intercept, weights and threshold of one calibration, and what it does out of fold, by set."""
    features = np.array([[one.features[name] for name in names] for one in measured])
    answerable = np.array([float(one.answerable) for one in measured])
    sets = np.array([one.set_name for one in measured])
    hard = np.array([one.hard for one in measured])
    weights = np.where(hard, 0.0, _weights(sets, answerable, hard))
    logits = out_of_fold(features, answerable, weights, PENALTY, _folds(measured))
    chances = 1 / (1 + np.exp(-logits))
    threshold = _threshold(chances[(sets == REFERENCE_SET) & (answerable == 1)])
    fitted = fit(features, answerable, weights, PENALTY)
    return {
        "intercept": round(fitted.intercept, 4),
        "weights": {name: round(float(value), 4) for name, value in zip(names, fitted.coefficients, strict=True)},
        "threshold": threshold,
        "out_of_fold": {
            name: _rates(chances[sets == name], answerable[sets == name], hard[sets == name], threshold)
            for name in dict.fromkeys(sets.tolist())
        },
    }


def expected_calibration_error(chances: Floats, answerable: Floats) -> float:
    """Mean distance of confidence and share of answerable ones, over bins of equally many questions."""
    bins = [part for part in np.array_split(np.argsort(chances), BINS) if len(part)]
    return sum(len(part) * abs(float(chances[part].mean() - answerable[part].mean())) for part in bins) / len(chances)


def _folds(measured: Sequence[Measured]) -> NDArray[np.int_]:
    """All searches of one question belong to one fold, or the fold would know its questions."""
    order = {question: n for n, question in enumerate(dict.fromkeys(one.question for one in measured))}
    return np.array([order[one.question] % FOLDS for one in measured])


def _weights(sets: NDArray[np.str_], answerable: Floats, hard: NDArray[np.bool_]) -> Floats:
    weights = np.zeros(len(sets))
    for name in np.unique(sets):
        for value, share in ((0.0, 1 - PRIOR), (1.0, PRIOR)):
            members = (sets == name) & (answerable == value) & ~hard
            weights[members] = WEIGHT_OF_A_SET * share / max(int(members.sum()), 1)
    return weights


def _threshold(chances_of_answerable: Floats) -> float:
    """The most demanding one, in steps of 0.01, that refuses no more than is tolerated."""
    return math.floor(100 * float(np.quantile(chances_of_answerable, TOLERATED_ABSTENTIONS))) / 100


def _rates(chances: Floats, answerable: Floats, hard: NDArray[np.bool_], threshold: float) -> dict[str, Any]:
    right, wrong = chances[answerable == 1], chances[(answerable == 0) & ~hard]
    strict = float(np.quantile(right, TOLERATED_ABSTENTIONS))
    usual = ~hard
    return {
        "questions": int(usual.sum()),
        "false_abstentions": _share(right < threshold),
        "false_answers": _share(wrong >= threshold),
        "false_answers_at_5_percent_abstentions": _share(wrong >= strict),
        "false_answers_of_the_hard_kind": _share(chances[hard] >= threshold),
        "calibration_error": round(expected_calibration_error(chances[usual], answerable[usual]), 3),
        "calibration_error_interval": _interval(chances[usual], answerable[usual]),
    }


def _share(those: NDArray[np.bool_]) -> float | None:
    return round(float(those.mean()), 3) if len(those) else None


def _interval(chances: Floats, answerable: Floats) -> list[float]:
    """Where the calibration error lies in 95 of 100 resamples of the questions."""
    random = np.random.default_rng(0)
    drawn = (random.integers(0, len(chances), len(chances)) for _ in range(RESAMPLES))
    errors = [expected_calibration_error(chances[one], answerable[one]) for one in drawn]
    return [round(float(np.quantile(errors, share)), 3) for share in (0.025, 0.975)]
