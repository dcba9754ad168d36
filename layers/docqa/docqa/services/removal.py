"""A document whose object is gone: hidden with one write, then cleaned up after."""

from __future__ import annotations

from dataclasses import dataclass

from docqa import ids
from docqa.errors import ConcurrentUpdateError
from docqa.models.document import Document, DocumentStatus, GenerationStatus
from docqa.models.events import DocumentDeleted, DocumentExpired
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import BusEvents, WorkQueue
from docqa.ports.objects import ObjectStore

# Two workers with the same key settle it in one round each; more rounds mean a storm, which the queue calms.
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class DocumentRemoval:
    """Hides documents whose object is gone, and has their traces removed."""

    objects: ObjectStore
    registry: DocumentRegistry
    maintenance: WorkQueue
    bus: BusEvents
    clock: Clock

    def follow(self, key: str) -> bool:
        """Hide the document at `key` if its object is gone; whether there was anything to do.

        Raises:
            ConcurrentUpdateError: others kept writing the document.
        """
        for _ in range(ROUNDS):
            document = self.registry.get(ids.document_id(self.objects.bucket, key))
            if document is None or self.objects.head(key) is not None:
                return False
            try:
                return self.hide(document)
            except ConcurrentUpdateError:
                continue
        raise ConcurrentUpdateError(f"document at {ids.document_id(self.objects.bucket, key)} keeps changing")

    def hide(self, document: Document) -> bool:
        """Hide a document whose object was seen to be gone; tell again if an earlier call died before it could.

        Raises:
            ConcurrentUpdateError: somebody wrote the document meanwhile.
        """
        if document.status is not DocumentStatus.DELETED:
            self.registry.mark_deleted(document, self.clock.now())
        elif self._is_clean(document):
            return False
        self.maintenance.send({"document_id": document.document_id})
        self.bus.publish(DocumentDeleted(tenant=document.tenant, document_id=document.document_id))
        return True

    def expire(self, document: Document) -> bool:
        """Hide a document whose time is over, though its object is there; as `hide` otherwise.

        Raises:
            ConcurrentUpdateError: somebody wrote the document meanwhile.
        """
        if document.status is not DocumentStatus.EXPIRED:
            self.registry.mark_expired(document, self.clock.now())
        elif self._is_clean(document):
            return False
        self.maintenance.send({"document_id": document.document_id})
        self.bus.publish(DocumentExpired(tenant=document.tenant, document_id=document.document_id))
        return True

    def _is_clean(self, document: Document) -> bool:
        generations = self.registry.list_generations(document.document_id)
        return all(generation.status is GenerationStatus.REMOVED for generation in generations)
