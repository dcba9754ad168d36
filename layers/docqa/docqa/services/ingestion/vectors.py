"""Vectors of passages, as the work bucket keeps them."""

from __future__ import annotations

import json
import math
import sys
from array import array
from collections.abc import Mapping, Sequence

from docqa.domain.artifacts import embedding_prefix
from docqa.domain.chunk_headers import embedded_text
from docqa.domain.fingerprints import settings_hash
from docqa.errors import ConfigurationError, NotFoundError
from docqa.ids import content_id
from docqa.models.chunk import Chunk
from docqa.models.search_index import SearchIndex
from docqa.models.source import Source
from docqa.models.work import ChunkSpan
from docqa.ports.objects import ObjectStore

# Added to the key of a span's vectors where only some of them are there.
_PART = ".part"


def embedded_texts(source: Source, chunks: Sequence[Chunk]) -> list[str]:
    """What is embedded for each chunk."""
    return [embedded_text(source.title, chunk) for chunk in chunks]


def vectors_prefix(tenant: str, source: Source, index: SearchIndex) -> str:
    """Below which a file's vectors by the index's model lie, shared by equal files of one tenant."""
    if not source.texts_hash and index.unnamed_vectors:
        return embedding_prefix(tenant, source.content_hash, source.embedding_hash)
    named = {
        "texts": source.texts_hash or source.embedding_hash,
        "model": index.embedding_model,
        "dimensions": index.dimensions,
    }
    return embedding_prefix(tenant, source.content_hash, settings_hash(named))


def vectors_name(span: ChunkSpan, texts: Sequence[str]) -> str:
    """Name of the vectors of these texts, below their prefix. Other texts never find them."""
    return f"{span.first:06d}-{span.last:06d}-{content_id(*texts, length=16)}.f32"


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


def save_part(work: ObjectStore, key: str, vectors: Mapping[int, Sequence[float]]) -> None:
    """Keep those vectors of a span that there are, by their place in it, until the others are made."""
    places = sorted(vectors)
    head = json.dumps({"places": places, "dimensions": len(vectors[places[0]])}).encode() + b"\n"
    work.write(key + _PART, head + pack([vectors[place] for place in places]))


def load_part(work: ObjectStore, key: str) -> dict[int, Sequence[float]]:
    """What `save_part` kept for this key, by the place in the span; empty when it did not."""
    try:
        head, _, floats = work.read(key + _PART).partition(b"\n")
    except NotFoundError:
        return {}
    told = json.loads(head)
    return dict(zip(told["places"], unpack(floats, told["dimensions"]), strict=True))


def unpack(content: bytes, dimensions: int) -> list[tuple[float, ...]]:
    """The vectors that `pack` wrote."""
    floats = array("f")
    floats.frombytes(content)
    if sys.byteorder == "big":
        floats.byteswap()
    return [tuple(floats[at : at + dimensions]) for at in range(0, len(floats), dimensions)]
