"""The search index, written to and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from docqa.models.access import Principal
from docqa.models.chunk import IndexedChunk, ScoredChunk
from docqa.models.question import Filters


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds of one version of a document.

    Attributes:
        chunks: How many of its chunks a search can find.
        revision: The metadata revision that all of them carry at least.
    """

    chunks: int
    revision: int


class ChunkIndex(Protocol):
    """A search index, written to.

    Every method raises `ServiceUnavailableError` while there is no such index: a lost one is made again by itself.
    """

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

    def inventory(self, document_ids: Sequence[str]) -> dict[tuple[str, int], Held]:
        """What a search can find now of these documents (at most 100), by document id and generation."""
        ...

    def refresh(self) -> None:
        """Return when everything written before is searchable."""
        ...


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One retrieval.

    Attributes:
        index: Name of the index that is asked; its model made the vector.
        text: The standalone question.
        vector: Its embedding.
        principal: Whose claims filter both clauses.
        filters: Of which documents the asker wants to hear.
        exclude: (document_id, generation) pairs that the registry has ruled out.
    """

    text: str
    vector: Sequence[float]
    principal: Principal
    index: str = field(kw_only=True)
    filters: Filters = field(default_factory=Filters)
    exclude: frozenset[tuple[str, int]] = frozenset()


class ChunkSearch(Protocol):
    """The search index, asked."""

    def search(self, query: SearchQuery, limit: int) -> list[ScoredChunk]:
        """The union of at most `limit` BM25 and `limit` k-NN candidates of one multi-search, raw scores, unfused."""
        ...

    def fetch(self, query: SearchQuery, keys: Sequence[tuple[str, int, int]]) -> list[ScoredChunk]:
        """Chunks by document, generation and ordinal, behind the query's access filter, without scores."""
        ...
