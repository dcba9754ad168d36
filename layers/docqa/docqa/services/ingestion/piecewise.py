"""Embed many texts piece by piece: what was paid for is kept when the model does not let it come to an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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

Vectors = list[Sequence[float]]


@dataclass(frozen=True, slots=True)
class PiecewiseEmbedding:
    """Embeds texts, beginning with those that an earlier attempt did not come to.

    Attributes:
        work: Where vectors are kept that are not all yet.
    """

    work: ObjectStore
    clock: Clock

    def embed(self, model: Embeddings, texts: list[str], dimensions: int, part: str) -> Vectors:
        """One vector of `dimensions` floats for each text, in order. At least one piece is begun.

        Args:
            model: Asked for as many texts at once as it likes.
            texts: What is embedded.
            dimensions: Floats a vector.
            part: Where the vectors lie of the first texts, if an earlier attempt left some.

        Raises:
            ThrottledError, ServiceUnavailableError: try again later; what was embedded is kept.
            ConfigurationError: the model refuses the call, or returns no vectors of these dimensions.
        """
        until = self.clock.now() + EMBEDDING_SECONDS
        done: Vectors = list(unpack(self.work.read(part), dimensions)) if self.work.exists(part) else []
        kept = len(done)
        size = _size(model, len(texts) - kept)
        try:
            while len(done) < len(texts):
                if len(done) > kept and self.clock.now() >= until:
                    raise ThrottledError("there is no time left for the rest of the texts: they come next")
                piece = texts[len(done) : len(done) + size]
                vectors = model.embed_documents(piece)
                check_vectors(vectors, len(piece), dimensions)
                done += vectors
        except RetryableError:
            if len(done) > kept:
                self.work.write(part, pack(done))
            raise
        return done


def _size(model: Embeddings, texts: int) -> int:
    """Texts of a piece: as few pieces as the model allows, of equal size. A model that does not say takes all."""
    most = max(getattr(model, "texts_at_once", texts), LEAST_TEXTS)
    pieces = max(-(-texts // most), 1)
    return max(-(-texts // pieces), 1)
