"""Search indexes in memory, with external versions, and with refreshes that show what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from docqa.errors import ServiceUnavailableError
from docqa.ids import chunk_id
from docqa.models.chunk import IndexedChunk
from docqa.ports.search import Held


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

    def inventory(self, document_ids: Sequence[str]) -> dict[tuple[str, int], Held]:
        revisions: dict[tuple[str, int], list[int]] = {}
        for one in self.searchable.values():
            if one.document_id in document_ids:
                revisions.setdefault((one.document_id, one.generation), []).append(one.revision)
        return {key: Held(len(found), min(found)) for key, found in revisions.items()}

    def refresh(self) -> None:
        self.searchable = dict(self.written)


@dataclass
class InMemoryIndexes:
    """Indexes by name, as the search domain has them; implements `services.index_setup.IndexSetup` too.

    Attributes:
        mapping: Version of the mapping that this release makes.
    """

    made: dict[str, InMemoryChunkIndex] = field(default_factory=dict)
    mapping: int = 1

    def __call__(self, name: str) -> InMemoryChunkIndex:
        if name not in self.made:
            raise ServiceUnavailableError("the search index is not there")
        return self.made[name]

    def name(self, dimensions: int, suffix: str) -> str:
        return f"chunks-v{self.mapping}-{dimensions}-{suffix}"

    def is_current(self, name: str) -> bool:
        return name.startswith(f"chunks-v{self.mapping}-")

    def create(self, name: str, dimensions: int) -> None:
        self.made.setdefault(name, InMemoryChunkIndex())

    def exists(self, name: str) -> bool:
        return name in self.made

    def extend(self, name: str, dimensions: int) -> bool:
        return name in self.made

    def remove(self, name: str) -> None:
        self.made.pop(name, None)
