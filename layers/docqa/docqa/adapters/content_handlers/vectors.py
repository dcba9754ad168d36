"""Vectors as they come out of JSON, and what is wrong with one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from docqa.models.inference import Vector


def vector_of(values: Iterable[float]) -> Vector:
    """The numbers as a vector.

    Raises:
        TypeError, ValueError: they are no numbers.
    """
    return tuple(float(value) for value in values)


def vector_fault(vector: Sequence[float], dimensions: int) -> str:
    """Why the index cannot hold this vector; empty if it can."""
    if len(vector) != dimensions:
        return f"returns {len(vector)} floats a vector, EMBEDDING_DIMENSIONS says {dimensions}"
    if not all(map(math.isfinite, vector)):
        return "returned a vector that is not all finite numbers"
    return ""
