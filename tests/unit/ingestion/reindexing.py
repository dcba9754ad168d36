"""Ingestion with the index kept whole: pipeline, house-keeping and `KeepIndex` over one set of fakes."""

from __future__ import annotations

from itertools import count
from typing import Any

from docqa.errors import RetryableError
from docqa.models.chunk import IndexedChunk
from docqa.models.document import Document, DocumentReference
from docqa.models.search_index import IndexConfiguration
from docqa.models.work import Chunking, ChunkWork, PublicationWork
from docqa.services.index_keeping import RETIRING_SECONDS, SETTLING_SECONDS, KeepIndex
from docqa.services.index_setup import Indexes, PrepareIndex
from tests.fakes.embeddings import HashedWordEmbeddings
from tests.unit.ingestion.pipeline import DIMENSIONS, MODEL, KilledError, Mortal, Pipeline

NEXT_MODEL, NEXT_DIMENSIONS = "other-words", 24
PARAGRAPH = "The aircraft left the runway and came to rest in a field beside it. "


def text_of(title: str, passages: int) -> bytes:
    """Markdown that is cut into as many passages, its heading one of them."""
    return (f"# {title}\n\n" + (PARAGRAPH * 5 + "\n\n") * (passages - 1)).encode()


class Library(Pipeline):
    """A pipeline whose indexes are kept."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.models[NEXT_MODEL, NEXT_DIMENSIONS] = HashedWordEmbeddings(NEXT_DIMENSIONS)
        self.use(self.indexes)

    def use(self, indexes: Any) -> None:
        """Keep the passages in these indexes."""
        self.indexes = indexes
        suffixes = map(str, count(1))
        registry: Any = Mortal(self.registry, self.fate)
        setup: Any = Mortal(indexes, self.fate)
        queue: Any = Mortal(self.maintenance, self.fate)
        made = Indexes(registry, setup, lambda: next(suffixes), self.clock)
        self.deployment = PrepareIndex(registry, made)
        self.keeper = KeepIndex(registry, made, indexes, queue, self.clock, self.pause)

    def pause(self, seconds: float) -> None:
        self.clock.time += seconds

    @property
    def configuration(self) -> IndexConfiguration:
        assert self.registry.configuration is not None
        return self.registry.configuration

    # --- documents

    def add(self, key: str, passages: int = 3) -> DocumentReference:
        """A document that answers."""
        reference = self.drop(key, text_of(key, passages))
        self.run(reference)
        return reference

    def begin(self, key: str, passages: int = 3) -> tuple[DocumentReference, Chunking]:
        """A version whose chunks are cut, and nothing more yet."""
        reference = self.drop(key, text_of(key, passages))
        self.through_pages(reference)
        return reference, self.chunk.run(reference)

    def index_all(self, reference: DocumentReference, chunking: Chunking) -> None:
        for span in chunking.spans:
            self.embed.run(ChunkWork(reference=reference, span=span))
            self.indexing.run(ChunkWork(reference=reference, span=span))

    def publish(self, reference: DocumentReference, chunking: Chunking) -> None:
        self.publication.run(PublicationWork(reference=reference, revision=chunking.revision))
        self.ended(reference)

    # --- house-keeping

    def keep_house(self) -> None:
        """Work the maintenance queue off; what fails comes again."""
        waiting, self.maintenance.sent[:] = list(self.maintenance.sent), []
        for number, message in enumerate(waiting):
            try:
                self.house.reconcile(maker=f"message-{number}", **message)
            except (RetryableError, KilledError):
                self.maintenance.sent.append(message)

    def keep(self, minutes: int = 1, *, rebuild: bool = False) -> None:
        """Let the schedule run for so many minutes, and house-keeping in between."""
        for _ in range(minutes):
            self.again(lambda: self.keeper.run(45.0, rebuild=rebuild))
            self.keep_house()
            self.clock.time += 60

    def switch(self) -> None:
        """As long as a switch takes, and until the old index is gone."""
        self.keep(int((SETTLING_SECONDS + RETIRING_SECONDS) // 60) + 6)

    # --- what a question finds

    def found(self, index: str) -> dict[tuple[str, int], dict[int, IndexedChunk]]:
        """Chunks that a search finds, by version and ordinal."""
        chunks: dict[tuple[str, int], dict[int, IndexedChunk]] = {}
        for one in self.indexes(index).searchable.values():
            chunks.setdefault((one.document_id, one.generation), {})[one.chunk.ordinal] = one
        return chunks

    def refresh(self) -> None:
        """A second passes: every index shows what was written."""
        for index in self.indexes.made.values():
            index.refresh()

    def live(self) -> list[Document]:
        return [one for one in self.registry.documents.values() if one.answers]

    def missing(self, index: str) -> set[str]:
        """Keys of documents that answer, and of which a search in this index would not find everything."""
        found = self.found(index)
        lacking = set()
        for document in self.live():
            generation = self.registry.generations[document.document_id, document.live_generation]
            if len(found.get((document.document_id, document.live_generation), {})) < generation.chunks:
                lacking.add(document.key)
        return lacking

    @property
    def vectors_made(self) -> dict[str, int]:
        return {
            model: len(self.models[model, dimensions].embedded)
            for model, dimensions in ((MODEL, DIMENSIONS), (NEXT_MODEL, NEXT_DIMENSIONS))
        }
