"""What a model refuses, where nobody is told: the question goes on without it."""

from __future__ import annotations


def unheard(_: Exception) -> None:
    """Nobody is told."""
