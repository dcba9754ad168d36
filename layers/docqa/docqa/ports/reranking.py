"""A model that reads question and passage together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """A reranking model: a cross-encoder, on whatever service."""

    @property
    def model(self) -> str:
        """Its id, or the name of its endpoint: what it is priced and traced by."""
        ...

    @property
    def most(self) -> int:
        """How many texts one call takes."""
        ...

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question, in the order of the texts.

        Scores are good for order alone: each model has a scale of its own.

        Args:
            question: As asked.
            texts: 1 to `most`, none empty.

        Raises:
            ThrottledError, ServiceUnavailableError: it does not answer now.
            ConfigurationError: it refuses the call, or answers in another form.
        """
        ...
