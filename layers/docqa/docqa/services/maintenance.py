"""House-keeping: index and work bucket are made equal to the registry, one document at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from docqa.domain.artifacts import GenerationArtifacts, generation_prefix
from docqa.domain.kept_results import is_kept
from docqa.errors import NotFoundError, NotYetVisibleError, StaleVersionError
from docqa.models.document import Document, DocumentStatus, Generation, GenerationStatus
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.search import ChunkIndex
from docqa.services.active_indexes import index_configuration

_ENDED = (GenerationStatus.SUPERSEDED, GenerationStatus.FAILED)
_WANTED = (GenerationStatus.RECEIVED, GenerationStatus.PROCESSING, GenerationStatus.LIVE)
# Chunks are counted in the registry before any is indexed. Should more be found all the same (a registry restored from
# a backup), ids up to a multiple of what was found are tried.
_WIDENING = 4


class Filling(Protocol):
    """Writes into the indexes what they lack of a version; `IndexFilling` does."""

    def fill(self, document: Document, number: int, maker: str, first: int = 0) -> None:
        """Bring every index up to a version's passages and the document's readers, from chunk `first` on."""
        ...


@dataclass(frozen=True, slots=True)
class MaintenanceService:
    """Removes what no longer answers and rewrites what answers for other readers now."""

    registry: DocumentRegistry
    work: ObjectStore
    indexes: Callable[[str], ChunkIndex]
    filling: Filling
    clock: Clock

    def reconcile(self, document_id: str, maker: str, generation: int | None = None, first: int = 0) -> None:
        """Remove ended versions and bring the live one up to the document's readers and attributes, in every index.

        A version whose execution still holds a place is left alone: it is told again when that execution has ended.
        What a failed version paid for stays as long as `domain.kept_results` says.

        Args:
            document_id: Which document.
            maker: Who does it: the message's id.
            generation: Fill this version instead of the live one; it is about to be published.
            first: Go on filling at this chunk.

        Raises:
            NotYetVisibleError: something is left; the message comes again.
        """
        document = self.registry.get(document_id)
        if document is None:
            return
        self._keep_file(document)
        held = self.registry.slots()
        for one in self.registry.list_generations(document_id):
            if one.status in _ENDED and not _is_held(one, held):
                self._remove(one, keep_shared=is_kept(document, one, self.clock.now()))
        wanted = generation or document.live_generation
        if wanted:
            with suppress(StaleVersionError):  # replaced meanwhile
                self.filling.fill(document, wanted, maker, first)
            self._remove_if_replaced(document_id, wanted)

    def _keep_file(self, document: Document) -> None:
        """Keep the file of an older version that goes on answering: the bucket forgets it after some months."""
        if document.status is not DocumentStatus.FAILED or not document.live_generation:
            return
        live = self.registry.get_generation(document.document_id, document.live_generation)
        if live is None or live.version_id == document.version_id:
            return
        kept = GenerationArtifacts(live.reference()).file
        if not self.work.exists(kept):
            with suppress(NotFoundError):  # somebody took it away
                self.work.copy(live.bucket, live.key, live.version_id, kept)

    def _remove(self, generation: Generation, *, keep_shared: bool) -> None:
        self._remove_chunks(generation)
        if not keep_shared:
            self._remove_shared(generation)
        self.work.delete_prefix(generation_prefix(generation.tenant, generation.document_id, generation.generation))
        if not keep_shared:
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
        """Delete that many chunks by their ids from every index; how many a search still finds."""
        return max(
            self._remove_from(self.indexes(index.name), generation, chunks)
            for index in index_configuration(self.registry).awaited
        )

    def _remove_from(self, index: ChunkIndex, generation: Generation, chunks: int) -> int:
        if chunks:
            index.remove(generation.document_id, generation.generation, chunks)
        index.refresh()
        return index.count(generation.document_id, generation.generation)

    def _remove_shared(self, generation: Generation) -> None:
        owner = f"{generation.document_id}:{generation.generation}"
        for prefix in self.registry.artifacts_of(owner):
            if self.registry.release_artifact(prefix, owner):
                self.work.delete_prefix(prefix)
                self.registry.forget_artifact(prefix)

    def _remove_if_replaced(self, document_id: str, number: int) -> None:
        """What was written while a newer version went live, and its removal ran, would stay behind."""
        now = self.registry.get_generation(document_id, number)
        if now is not None and now.status not in _WANTED:
            self._remove_chunks(now)


def _is_held(generation: Generation, slots: frozenset[str]) -> bool:
    prefix = f"{generation.document_id}-{generation.generation}-"
    return any(name.startswith(prefix) for name in slots)
