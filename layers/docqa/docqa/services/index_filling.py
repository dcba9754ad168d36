"""One document at a time: every index that is written gets the passages it lacks, with today's readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from docqa.domain.spans import chunk_spans
from docqa.errors import ServiceUnavailableError
from docqa.models.document import Document, Generation, GenerationStatus
from docqa.models.search_index import IndexConfiguration, SearchIndex
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import WorkQueue
from docqa.ports.search import ChunkIndex
from docqa.services.active_indexes import index_configuration
from docqa.services.ingestion.embedding import SpanEmbedder, unknown_model
from docqa.services.ingestion.indexing import ChunkIndexer

# A span takes seconds. What is left after this time goes on in a message of its own: a function's time is limited,
# and an embedding model's patience too.
FILLING_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class IndexFilling:
    """Writes passages from the work bucket into indexes that lack them; embeds what no vectors are kept for."""

    registry: DocumentRegistry
    chunks: Callable[[str], ChunkIndex]
    embedder: SpanEmbedder
    indexer: ChunkIndexer
    maintenance: WorkQueue
    clock: Clock

    def fill(self, document: Document, number: int, maker: str, first: int = 0) -> None:
        """Bring every index up to a version's passages and the document's readers, from chunk `first` on.

        Args:
            document: The document.
            number: Which generation of it.
            maker: Who does it, as in `SpanEmbedder.embed`.
            first: Ordinal of the chunk at which to begin.

        Raises:
            StaleVersionError: the version was replaced meanwhile.
            NotYetVisibleError: what is to be indexed cannot be read yet.
        """
        until = self.clock.now() + FILLING_SECONDS
        generation = self.registry.get_generation(document.document_id, number)
        if generation is None or not _is_wanted(generation):
            return
        configuration = index_configuration(self.registry)
        behind = [one for one in configuration.written if self._is_behind(one, generation, document, configuration)]
        for span in chunk_spans(generation.chunks) if behind else []:
            if span.first < first:
                continue
            if self.clock.now() >= until:
                rest = {"generation": number, "first": span.first}
                self.maintenance.send({"document_id": document.document_id, **rest})
                return
            for index in behind:
                made = self.embedder.embed(generation.reference(), span, index, maker)
                if made:
                    self.indexer.index_span(generation.reference(), document, span, index)
                elif index != configuration.retiring:
                    raise unknown_model(index)
        self._note(generation, configuration)

    def _is_behind(
        self, index: SearchIndex, generation: Generation, document: Document, configuration: IndexConfiguration
    ) -> bool:
        try:
            held = self.chunks(index.name).inventory([document.document_id])
        except ServiceUnavailableError:
            if index == configuration.retiring:
                return False  # it may be gone already
            raise
        found = held.get((document.document_id, generation.generation))
        return found is None or found.chunks < generation.chunks or found.revision < document.revision

    def _note(self, generation: Generation, configuration: IndexConfiguration) -> None:
        """Put the revision on record that a search finds in every index."""
        revisions = []
        for index in configuration.awaited:
            chunks = self.chunks(index.name)
            chunks.refresh()
            found = chunks.inventory([generation.document_id]).get((generation.document_id, generation.generation))
            if found is None or found.chunks < generation.chunks:
                return  # readers changed meanwhile, or it was removed: another message is on its way
            revisions.append(found.revision)
        self.registry.set_indexed_revision(generation.document_id, generation.generation, min(revisions))


def _is_wanted(generation: Generation) -> bool:
    return generation.chunks > 0 and generation.status in (GenerationStatus.LIVE, GenerationStatus.PROCESSING)
