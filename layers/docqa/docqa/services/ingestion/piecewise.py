"""Embed many texts piece by piece: what was paid for is kept when the model does not let it come to an end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from docqa.errors import RetryableError, ThrottledError
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore
from docqa.services.ingestion.vectors import check_vectors, pack, unpack

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

# After this no piece is begun. One that meets a throttle at each of its calls takes some hundred seconds, and the
# function has 300.
EMBEDDING_SECONDS = 150.0
# Of calls side by side the slowest is waited for: not too often.
LEAST_TEXTS = 64

Vector: TypeAlias = Sequence[float]


@runtime_checkable
class PartlyEmbedding(Protocol):
    """What docqa's own adapters can do besides LangChain's interface."""

    @property
    def texts_at_once(self) -> int:
        """So many texts keep as many calls busy as may be made side by side."""
        ...

    def embed_partly(self, texts: list[str]) -> tuple[list[list[float] | None], RetryableError | None]:
        """One vector a text, in order, or None where that failed for now; and why, if any did."""
        ...


@dataclass(frozen=True, slots=True)
class PiecewiseEmbedding:
    """Embeds texts, those that an earlier attempt did not come to.

    Attributes:
        work: Where vectors are kept that are not all yet: a text without one has a vector of NaN.
    """

    work: ObjectStore
    clock: Clock

    def embed(self, model: Embeddings, texts: list[str], dimensions: int, part: str) -> list[Vector]:
        """One vector of `dimensions` floats for each text, in order. At least one piece is begun.

        Args:
            model: Asked for as many texts at once as it likes.
            texts: What is embedded.
            dimensions: Floats a vector.
            part: Where the vectors are that an earlier attempt left, if it left some.

        Raises:
            ThrottledError, ServiceUnavailableError: try again later; what was embedded is kept.
            ConfigurationError: the model refuses the call, or returns no vectors of these dimensions.
        """
        until = self.clock.now() + EMBEDDING_SECONDS
        found = self._kept(part, len(texts), dimensions)
        missing = [place for place, vector in enumerate(found) if vector is None]
        error: RetryableError | None = None
        for number, piece in enumerate(_pieces(model, missing)):
            if number and self.clock.now() >= until:
                error = ThrottledError("there is no time left for the rest of the texts: they come next")
            if error is not None:
                break
            vectors, error = _embedded(model, [texts[place] for place in piece], dimensions)
            for place, vector in zip(piece, vectors, strict=True):
                found[place] = vector
        done = [vector for vector in found if vector is not None]
        if error is None:
            return done
        if len(done) > len(texts) - len(missing):
            absent = (math.nan,) * dimensions
            self.work.write(part, pack([absent if vector is None else vector for vector in found]))
        raise error

    def _kept(self, part: str, texts: int, dimensions: int) -> list[Vector | None]:
        if not self.work.exists(part):
            return [None] * texts
        return [None if math.isnan(vector[0]) else vector for vector in unpack(self.work.read(part), dimensions)]


def _embedded(
    model: Embeddings, texts: list[str], dimensions: int
) -> tuple[Sequence[Vector | None], RetryableError | None]:
    if not isinstance(model, PartlyEmbedding):
        whole = model.embed_documents(texts)
        check_vectors(whole, len(texts), dimensions)
        return whole, None
    vectors, error = model.embed_partly(texts)
    there = [vector for vector in vectors if vector is not None]
    check_vectors(there, len(there), dimensions)
    return vectors, error


def _pieces(model: Embeddings, places: list[int]) -> list[list[int]]:
    """As few pieces as the model allows, of equal size. A model that does not say takes all at once."""
    most = max(model.texts_at_once, LEAST_TEXTS) if isinstance(model, PartlyEmbedding) else len(places)
    pieces = max(-(-len(places) // max(most, 1)), 1)
    size = max(-(-len(places) // pieces), 1)
    return [places[at : at + size] for at in range(0, len(places), size)]
