"""The search index, written to and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from docqa.models.access import Principal
from docqa.models.chunk import IndexedChunk, ScoredChunk


class ChunkIndex(Protocol):
    """The search index, written to."""

    def write(self, chunks: Sequence[IndexedChunk]) -> None:
        """Index the chunks; an equal or newer revision that is there already counts as success.

        Raises:
            ChunksRejectedError: some chunks were refused for good.
        """
        ...

    def remove(self, document_id: str, generation: int, chunks: int) -> None:
        """Delete chunks 0 to `chunks` - 1 of a generation by their computed ids; absent ones are fine."""
        ...

    def count(self, document_id: str, generation: int) -> int:
        """Chunks of the generation that a search can find now."""
        ...

    def refresh(self) -> None:
        """Return when everything written before is searchable."""
        ...


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One retrieval.

    Attributes:
        text: The standalone question.
        vector: Its embedding.
        principal: Whose claims filter both clauses.
        document_ids: Only these documents; empty means all.
        exclude: (document_id, generation) pairs that the registry has ruled out.
    """

    text: str
    vector: Sequence[float]
    principal: Principal
    document_ids: tuple[str, ...] = ()
    exclude: frozenset[tuple[str, int]] = frozenset()


class ChunkSearch(Protocol):
    """The search index, asked."""

    def search(self, query: SearchQuery, limit: int) -> list[ScoredChunk]:
        """The union of at most `limit` BM25 and `limit` k-NN candidates of one multi-search, raw scores, unfused."""
        ...
