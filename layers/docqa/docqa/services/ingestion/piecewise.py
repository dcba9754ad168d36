"""Embed many texts piece by piece: what was paid for is kept when the model does not let it come to an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of all texts, in order, and how many of them were made now."""

    vectors: list[Sequence[float]]
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
        until = self.clock.now() + EMBEDDING_SECONDS
        done = load_part(self.work, key)
        kept = len(done)
        lacking = [place for place in range(len(texts)) if place not in done]
        size = _size(model, len(lacking))
        try:
            for at in range(0, len(lacking), size):
                if len(done) > kept and self.clock.now() >= until:
                    raise ThrottledError("there is no time left for the rest of the texts: they come next")
                places = lacking[at : at + size]
                vectors = model.embed_documents([texts[place] for place in places])
                check_vectors(vectors, len(places), dimensions)
                done |= zip(places, vectors, strict=True)
        except RetryableError as error:
            if len(done) > kept:
                save_part(self.work, key, done)
            raise IncompleteError(len(done) - kept, error) from error
        return Embedded([done[place] for place in range(len(texts))], len(lacking))


def _size(model: Embeddings, texts: int) -> int:
    """Texts of a piece: as few pieces as the model allows, of equal size. A model that does not say takes all."""
    most = max(getattr(model, "texts_at_once", texts), LEAST_TEXTS)
    pieces = max(-(-texts // most), 1)
    return max(-(-texts // pieces), 1)
