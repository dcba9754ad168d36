"""Logistic regression, small enough to be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS = 60
_STEEPEST = 30.0


@dataclass(frozen=True)
class Fitted:
    """Intercept and one coefficient a feature, for features as they come (not standardised)."""

    intercept: float
    coefficients: Floats

    def logits(self, features: Floats) -> Floats:
        """Log-odds of each row."""
        return self.intercept + features @ self.coefficients


def fit(features: Floats, answerable: Floats, weights: Floats, penalty: float) -> Fitted:
    """Newton's method with an L2 penalty on standardised coefficients.

    Args:
        features: n rows of f features.
        answerable: n times 0 or 1.
        weights: How much each row counts.
        penalty: Strength of the penalty; the intercept has none.
    """
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    rows = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    ridge = np.eye(rows.shape[1]) * penalty
    ridge[0, 0] = 0.0
    solution = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ solution, -_STEEPEST, _STEEPEST)))
        curvature = (rows * (weights * chance * (1 - chance))[:, None]).T @ rows + ridge
        solution -= np.linalg.solve(curvature, rows.T @ (weights * (chance - answerable)) + ridge @ solution)
    coefficients = solution[1:] / spread
    return Fitted(float(solution[0] - coefficients @ mean), coefficients)


def out_of_fold(
    features: Floats, answerable: Floats, weights: Floats, penalty: float, folds: NDArray[np.int_]
) -> Floats:
    """Log-odds of each row by a regression that has not seen its fold."""
    logits = np.zeros(len(features))
    for fold in np.unique(folds):
        held = folds == fold
        fitted = fit(features[~held], answerable[~held], weights[~held], penalty)
        logits[held] = fitted.logits(features[held])
    return logits
