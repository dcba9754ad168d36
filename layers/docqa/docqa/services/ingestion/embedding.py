"""Step 7: passages become vectors, once for equal texts of a tenant."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docqa.domain.artifacts import embedding_prefix
from docqa.domain.chunk_headers import embedded_text
from docqa.domain.pricing import tokens_usd
from docqa.errors import ConfigurationError
from docqa.ids import content_id
from docqa.models.chunk import Chunk
from docqa.models.document import DocumentReference
from docqa.models.source import Source
from docqa.models.work import ChunkSpan, ChunkWork
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.services.ingestion.storage import load_chunks, load_source, require_current

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


@dataclass(frozen=True, slots=True)
class EmbedChunks:
    """Embeds a span of chunks, unless the same texts were embedded before."""

    work: ObjectStore
    registry: DocumentRegistry
    embeddings: Embeddings
    model: str
    dimensions: int
    clock: Clock

    def run(self, work: ChunkWork) -> None:
        """Write the vectors of the span.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            ConfigurationError: the vectors do not fit the index, or are none.
        """
        started = self.clock.now()
        reference, span = work.reference, work.span
        require_current(self.registry, reference)
        self._check_index()
        source = load_source(self.work, reference)
        texts = embedded_texts(source, load_chunks(self.work, reference, span))
        key = vectors_key(reference, source, span, texts)
        if self.work.exists(key):
            return
        before = self._tokens()
        vectors = self.embeddings.embed_documents(texts)
        check_vectors(vectors, len(texts), self.dimensions)
        self.work.write(key, pack(vectors))
        tokens = self._tokens() - before
        usage = {
            "embedded_texts": float(len(texts)),
            "embedded_tokens": float(tokens),
            "usd": tokens_usd(self.model, tokens),
        }
        timings = {"embed": self.clock.now() - started}
        self.registry.add_usage(reference, f"embed:{span.first}", usage, timings)

    def _check_index(self) -> None:
        index = self.registry.index_configuration()
        if index is None:
            raise ConfigurationError("no index is prepared: deploy the stack again")
        if (index.embedding_model, index.dimensions) != (self.model, self.dimensions):
            raise ConfigurationError(
                f"the index holds vectors of {index.embedding_model} ({index.dimensions} floats), this function makes "
                f"those of {self.model} ({self.dimensions}): a change of the model needs a re-embedding"
            )

    def _tokens(self) -> int:
        """Tokens embedded so far; LangChain's interface has no meter, docqa's own adapters do."""
        return int(getattr(self.embeddings, "embedded_tokens", 0))


def embedded_texts(source: Source, chunks: Sequence[Chunk]) -> list[str]:
    """What is embedded for each chunk."""
    return [embedded_text(source.title, chunk) for chunk in chunks]


def vectors_key(reference: DocumentReference, source: Source, span: ChunkSpan, texts: Sequence[str]) -> str:
    """Where the vectors of these texts lie. The texts are part of the name: other texts never find them."""
    prefix = embedding_prefix(reference.tenant, source.content_hash, source.embedding_hash)
    return f"{prefix}{span.first:06d}-{span.last:06d}-{content_id(*texts, length=16)}.f32"


def check_vectors(vectors: Sequence[Sequence[float]], count: int, dimensions: int) -> None:
    """Refuse what the index could not hold or would answer nonsense from.

    Raises:
        ConfigurationError: names the first vector that is wrong.
    """
    if len(vectors) != count:
        raise ConfigurationError(f"the embedding model returned {len(vectors)} vectors for {count} texts")
    for position, vector in enumerate(vectors):
        if len(vector) != dimensions:
            raise ConfigurationError(f"vector {position} has {len(vector)} floats; the index takes {dimensions}")
        length = math.hypot(*vector)
        if not math.isfinite(length) or length == 0.0:
            raise ConfigurationError(f"vector {position} has no direction: its length is {length}")


def pack(vectors: Sequence[Sequence[float]]) -> bytes:
    """Rows of 32-bit floats, little-endian."""
    floats = array("f", (value for vector in vectors for value in vector))
    if sys.byteorder == "big":
        floats.byteswap()
    return floats.tobytes()


def unpack(content: bytes, dimensions: int) -> list[tuple[float, ...]]:
    """The vectors that `pack` wrote."""
    floats = array("f")
    floats.frombytes(content)
    if sys.byteorder == "big":
        floats.byteswap()
    return [tuple(floats[at : at + dimensions]) for at in range(0, len(floats), dimensions)]
