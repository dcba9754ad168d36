"""A search index in memory, with external versions, and with refreshes that show what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from docqa.ids import chunk_id
from docqa.models.chunk import IndexedChunk


@dataclass
class InMemoryChunkIndex:
    """Chunks by id; a search finds those that were there at the last refresh."""

    written: dict[str, IndexedChunk] = field(default_factory=dict)
    searchable: dict[str, IndexedChunk] = field(default_factory=dict)

    def write(self, chunks: Sequence[IndexedChunk]) -> None:
        for one in chunks:
            name = chunk_id(one.document_id, one.generation, one.chunk.ordinal)
            present = self.written.get(name)
            if present is None or present.revision < one.revision:
                self.written[name] = one

    def remove(self, document_id: str, generation: int, chunks: int) -> None:
        for ordinal in range(chunks):
            self.written.pop(chunk_id(document_id, generation, ordinal), None)

    def count(self, document_id: str, generation: int) -> int:
        keys = ((one.document_id, one.generation) for one in self.searchable.values())
        return sum(key == (document_id, generation) for key in keys)

    def refresh(self) -> None:
        self.searchable = dict(self.written)
