"""Reprocessing: the same bytes once more, as a new version, while the old one goes on answering.

This is how a document leaves quarantine once the cause of its failure is gone, and how a new parser or new settings
reach documents that are there already.
"""

from __future__ import annotations

from dataclasses import dataclass

from docqa.domain.document_view import document_view
from docqa.errors import ConcurrentUpdateError, ConflictError
from docqa.models.access import Principal
from docqa.models.api import DocumentView
from docqa.models.document import Document, DocumentStatus, Generation, StoredObject
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry, Receipt
from docqa.ports.messages import WorkQueue
from docqa.services.document_changes import writable
from docqa.services.documents import DocumentCatalog
from docqa.services.receipt import Outcome, ReceiptService
from docqa.services.removal import ROUNDS

_UNDER_WAY = frozenset({DocumentStatus.RECEIVED, DocumentStatus.PROCESSING})


@dataclass(frozen=True, slots=True)
class Reprocessing:
    """Admits what is there as a new version."""

    catalog: DocumentCatalog
    receipt: ReceiptService
    dispatch: WorkQueue
    clock: Clock

    def reprocess(self, principal: Principal, document_id: str) -> DocumentView:
        """Let the document's file be processed again; a file that changed unnoticed is taken as it is now.

        Raises:
            NotFoundError: there is no such document, the caller may not see it, or its file is gone.
            ForbiddenError: the caller may only read it.
            ConflictError: it waits or is processed already, or its time is over.
        """
        for _ in range(ROUNDS):
            document = self._ready(principal, document_id)
            # The bucket is the fact: what it holds may be newer than what is on record.
            if self.receipt.observe(document.key) is Outcome.ADMITTED:
                return self.catalog.show(principal, document_id)
            document = self._ready(principal, document_id)
            try:
                generation = self._admit(document)
            except ConcurrentUpdateError:
                continue
            self.dispatch.send({"document_id": document_id, "generation": generation.generation})
            return document_view(writable(self.catalog, principal, document_id), generation)
        raise ConcurrentUpdateError(f"document {document_id} keeps changing")

    def _ready(self, principal: Principal, document_id: str) -> Document:
        document = writable(self.catalog, principal, document_id)
        if document.status in _UNDER_WAY:
            raise ConflictError("The document is being processed already: ask for its status.")
        if document.status is DocumentStatus.EXPIRED:
            raise ConflictError("The document has expired: change the date in its metadata file first.")
        return document

    def _admit(self, document: Document) -> Generation:
        latest = self._registry.get_generation(document.document_id, document.latest_generation)
        if latest is None:
            raise ConcurrentUpdateError(f"document {document.document_id} was written meanwhile")
        receipt = Receipt(
            stored=StoredObject(document.bucket, document.key, document.version_id, latest.size),
            tenant=document.tenant,
            title=document.title,
            readers=document.readers,
            attributes=document.attributes,
            owner=document.owner,
            sequencer=latest.sequencer,
            described=document.described,
        )
        return self._registry.admit(receipt, document, self.clock.now())

    @property
    def _registry(self) -> DocumentRegistry:
        return self.catalog.registry
