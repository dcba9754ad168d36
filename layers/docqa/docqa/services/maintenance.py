"""House-keeping: index and work bucket are made equal to the registry, one document at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from docqa.domain.artifacts import generation_prefix
from docqa.domain.spans import chunk_spans
from docqa.errors import NotYetVisibleError
from docqa.models.document import Document, DocumentReference, Generation, GenerationStatus
from docqa.models.work import ChunkSpan
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.search import ChunkIndex

_ENDED = (GenerationStatus.SUPERSEDED, GenerationStatus.FAILED)
# Chunks are counted in the registry before any is indexed. Should more be found all the same (a registry restored from
# a backup), ids up to a multiple of what was found are tried.
_WIDENING = 4


class SpanIndexer(Protocol):
    """Writes chunks from the work bucket into the index; ingestion's `ChunkIndexer` does."""

    def index_span(self, reference: DocumentReference, document: Document, span: ChunkSpan) -> None:
        """Index a span of the version with the readers, attributes and revision of `document`."""
        ...


@dataclass(frozen=True, slots=True)
class MaintenanceService:
    """Removes what no longer answers and rewrites what answers for other readers now."""

    registry: DocumentRegistry
    work: ObjectStore
    index: ChunkIndex
    indexer: SpanIndexer

    def reconcile(self, document_id: str) -> None:
        """Remove ended versions and bring the live one up to the document's readers and attributes.

        A version whose execution still holds a place is left alone: it is told again when that execution has ended.

        Raises:
            NotYetVisibleError: something is left; the message comes again.
        """
        document = self.registry.get(document_id)
        if document is None:
            return
        held = self.registry.slots()
        for generation in self.registry.list_generations(document_id):
            if generation.status in _ENDED and not _is_held(generation, held):
                self._remove(generation)
        if document.live_generation:
            self._catch_up(document)

    def _remove(self, generation: Generation) -> None:
        self._remove_chunks(generation)
        self._remove_artifacts(generation)
        self.registry.mark_removed(generation.document_id, generation.generation)

    def _remove_chunks(self, generation: Generation) -> None:
        left = self._remove_up_to(generation, generation.chunks)
        if left:
            left = self._remove_up_to(generation, _WIDENING * (generation.chunks + left))
        if left:
            raise NotYetVisibleError(
                f"{left} chunks of generation {generation.generation} of {generation.document_id} are still indexed"
            )

    def _remove_up_to(self, generation: Generation, chunks: int) -> int:
        """Delete that many chunks by their ids; how many a search still finds."""
        if chunks:
            self.index.remove(generation.document_id, generation.generation, chunks)
        self.index.refresh()
        return self.index.count(generation.document_id, generation.generation)

    def _remove_artifacts(self, generation: Generation) -> None:
        owner = f"{generation.document_id}:{generation.generation}"
        for prefix in self.registry.artifacts_of(owner):
            if self.registry.release_artifact(prefix, owner):
                self.work.delete_prefix(prefix)
                self.registry.forget_artifact(prefix)
        self.work.delete_prefix(generation_prefix(generation.tenant, generation.document_id, generation.generation))

    def _catch_up(self, document: Document) -> None:
        live = self.registry.get_generation(document.document_id, document.live_generation)
        if live is None or live.status is not GenerationStatus.LIVE or live.indexed_revision >= document.revision:
            return
        for span in chunk_spans(live.chunks):
            self.indexer.index_span(live.reference(), document, span)
        self.index.refresh()
        self.registry.set_indexed_revision(document.document_id, live.generation, document.revision)
        self._remove_if_replaced(live)

    def _remove_if_replaced(self, generation: Generation) -> None:
        """What was rewritten while a newer version went live, and its removal ran, would stay behind."""
        now = self.registry.get_generation(generation.document_id, generation.generation)
        if now is None or now.status is not GenerationStatus.LIVE:
            self._remove_chunks(generation)


def _is_held(generation: Generation, slots: frozenset[str]) -> bool:
    prefix = f"{generation.document_id}-{generation.generation}-"
    return any(name.startswith(prefix) for name in slots)
