"""Who may read a document changes without extracting or embedding anything again."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.domain.readers import Access
from docqa.models.document import Document
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import WorkQueue


@dataclass(frozen=True, slots=True)
class AccessChange:
    """Applies readers and attributes to a document, at once for what is taken away, in seconds for what is given."""

    registry: DocumentRegistry
    maintenance: WorkQueue
    clock: Clock

    def apply(self, document: Document, access: Access) -> Document:
        """Write the access if it differs; have the live chunks rewritten where they lag behind.

        Raises:
            ConcurrentUpdateError: somebody wrote the document meanwhile.
        """
        written = (document.readers, document.attributes, document.described)
        if written != (access.readers, access.attributes, access.described):
            document = self.registry.change_access(
                document, access.readers, access.attributes, access.described, self.clock.now()
            )
        self.catch_up(document)
        return document

    def catch_up(self, document: Document) -> None:
        """Ask for the live chunks to be rewritten if they carry an older revision than the document."""
        if not document.live_generation:
            return
        live = self.registry.get_generation(document.document_id, document.live_generation)
        if live is not None and live.indexed_revision < document.revision:
            self.maintenance.send({"document_id": document.document_id})
