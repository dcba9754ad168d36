"""Embed many texts piece by piece: what was paid for is kept when the model does not let it come to an end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from docqa.errors import RetryableError, ThrottledError
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore
from docqa.services.ingestion.vectors import check_vectors, load_part, save_part

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
class Embedded:
    """Vectors of all texts, in order, and how many of them were made now."""

    vectors: list[Vector]
    made: int


class IncompleteError(Exception):
    """Not all texts were embedded; what was is kept. Stays between this module and its caller.

    Attributes:
        made: How many were embedded now.
        cause: Why it went no further.
    """

    def __init__(self, made: int, cause: RetryableError) -> None:
        super().__init__(str(cause))
        self.made = made
        self.cause = cause


@dataclass(frozen=True, slots=True)
class PiecewiseEmbedding:
    """Embeds those texts that neither an earlier attempt nor a job came to.

    Attributes:
        work: Where vectors are kept that are not all yet.
    """

    work: ObjectStore
    clock: Clock

    def embed(self, model: Embeddings, texts: list[str], dimensions: int, key: str) -> Embedded:
        """One vector of `dimensions` floats for each text, in order. At least one piece is begun.

        Args:
            model: Asked for as many texts at once as it likes.
            texts: What is embedded.
            dimensions: Floats a vector.
            key: Where all of the vectors will lie; some may be kept beside it already.

        Raises:
            IncompleteError: try again later.
            ConfigurationError: the model refuses the call, or returns no vectors of these dimensions.
        """
        found = load_part(self.work, key)
        kept = len(found)
        try:
            for places, vectors in self._pieces(model, texts, found, dimensions):
                found |= {place: vector for place, vector in zip(places, vectors, strict=True) if vector is not None}
        except RetryableError as error:
            if len(found) > kept:
                save_part(self.work, key, found)
            raise IncompleteError(len(found) - kept, error) from error
        return Embedded([found[place] for place in range(len(texts))], len(texts) - kept)

    def _pieces(
        self, model: Embeddings, texts: list[str], found: dict[int, Vector], dimensions: int
    ) -> Iterator[tuple[list[int], Sequence[Vector | None]]]:
        """Places and their vectors, piece by piece; raises what one of a piece's calls failed with after its others."""
        until = self.clock.now() + EMBEDDING_SECONDS
        missing = [place for place in range(len(texts)) if place not in found]
        for number, piece in enumerate(_shared_out(model, missing)):
            if number and self.clock.now() >= until:
                raise ThrottledError("there is no time left for the rest of the texts: they come next")
            vectors, error = _embedded(model, [texts[place] for place in piece], dimensions)
            yield piece, vectors
            if error is not None:
                raise error


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


def _shared_out(model: Embeddings, places: list[int]) -> list[list[int]]:
    """As few pieces as the model allows, of equal size. A model that does not say takes all at once."""
    most = max(model.texts_at_once, LEAST_TEXTS) if isinstance(model, PartlyEmbedding) else len(places)
    pieces = max(-(-len(places) // max(most, 1)), 1)
    size = max(-(-len(places) // pieces), 1)
    return [places[at : at + size] for at in range(0, len(places), size)]
