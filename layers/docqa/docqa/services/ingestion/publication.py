"""Step 9: one registry write makes the new generation the one that answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from docqa.errors import NotYetVisibleError, ServiceUnavailableError, ThrottledError
from docqa.models.document import Document, DocumentReference, Generation, GenerationStatus, Stage
from docqa.models.events import DocumentIndexed
from docqa.models.work import PublicationWork
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import BusEvents, WorkQueue
from docqa.ports.search import ChunkIndex
from docqa.services.active_indexes import index_configuration
from docqa.services.ingestion.storage import require_current

_TO_BE_REMOVED = (GenerationStatus.SUPERSEDED, GenerationStatus.FAILED)


@dataclass(frozen=True, slots=True)
class PublishGeneration:
    """Switches a document over, then starts the clean-up of what was replaced."""

    registry: DocumentRegistry
    indexes: Callable[[str], ChunkIndex]
    maintenance: WorkQueue
    events: BusEvents
    clock: Clock

    def run(self, work: PublicationWork) -> None:
        """Make this generation the one that answers, once every chunk of it can be found.

        Everything after the registry's write can be repeated: a run that died behind it is finished by the next.

        Raises:
            StaleVersionError: a newer generation was admitted, or the document was deleted.
            ThrottledError: an index does not show all chunks yet.
        """
        reference = work.reference
        document = require_current(self.registry, reference)
        if document.live_generation != reference.generation:
            self.registry.record_stage(reference, Stage.PUBLISHING)
            self._check_searchable(reference)
        document = self.registry.publish(reference, work.revision, self.clock.now())
        if self._needs_maintenance(document, work.revision):
            self.maintenance.send({"document_id": reference.document_id})
        self.events.publish(_event(document, self._generation(reference.document_id, reference.generation)))

    def _check_searchable(self, reference: DocumentReference) -> None:
        """Every passage can be found in every index that answers or is to answer.

        An index that was noted, or made again, after the passages had been indexed lacks some: they are added at once,
        and the version waits for that, so that switching over loses nothing.
        """
        expected = self._generation(reference.document_id, reference.generation).chunks
        configuration = index_configuration(self.registry)
        for index in configuration.awaited:
            chunks = self.indexes(index.name)
            chunks.refresh()
            found = chunks.count(reference.document_id, reference.generation)
            if found < expected:
                self.maintenance.send({"document_id": reference.document_id, "generation": reference.generation})
                raise ThrottledError(f"{index.name} has {found} of {expected} chunks: the others are being added")
        if configuration.retiring is not None:
            with suppress(ServiceUnavailableError):  # some still ask it for seconds; it may be gone, too
                self.indexes(configuration.retiring.name).refresh()

    def _needs_maintenance(self, document: Document, revision: int) -> bool:
        """Older generations are to be cleaned up, or readers changed after chunks were indexed with the old ones."""
        generations = self.registry.list_generations(document.document_id)
        return document.revision > revision or any(one.status in _TO_BE_REMOVED for one in generations)

    def _generation(self, document_id: str, generation: int) -> Generation:
        found = self.registry.get_generation(document_id, generation)
        if found is None:
            raise NotYetVisibleError(f"generation {generation} of {document_id} is not on record")
        return found


def _event(document: Document, generation: Generation) -> DocumentIndexed:
    return DocumentIndexed(
        tenant=document.tenant,
        document_id=document.document_id,
        generation=generation.generation,
        pages=generation.pages.total,
        chunks=generation.chunks,
        unreadable_pages=list(generation.pages.unreadable),
        unrecognised_pages=list(generation.pages.unrecognised),
    )
