"""Receipt: the registry follows the bucket.

Events arrive at least once, in any order, sometimes never. So an event only names a key to look at: what the bucket
holds now is compared with the registry, and the difference is written under the item's lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from docqa import ids
from docqa.domain import keys
from docqa.domain.expiry import is_past
from docqa.domain.readers import CLOSED, SIDECAR_MAX_BYTES, Access, access_of, access_without_sidecar
from docqa.domain.titles import file_title
from docqa.errors import ConcurrentUpdateError, InvalidKeyError, NotFoundError
from docqa.models.document import GONE, Document, DocumentStatus
from docqa.models.events import DocumentFailed
from docqa.ports.documents import DocumentRegistry, Receipt
from docqa.ports.messages import WorkQueue
from docqa.ports.objects import ObjectStore
from docqa.services.access import AccessChange
from docqa.services.removal import ROUNDS, DocumentRemoval
from docqa.services.ticketed_uploads import TicketedUploads, Upload


class Outcome(StrEnum):
    """What looking at a key led to."""

    ADMITTED = "admitted"
    ACCESS_CHANGED = "access_changed"
    REMOVED = "removed"
    EXPIRED = "expired"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ReceiptService:
    """Admits, replaces and removes documents as the bucket shows them.

    Attributes:
        default_readers: Readers of a document that has no metadata file.
    """

    removal: DocumentRemoval
    access: AccessChange
    dispatch: WorkQueue
    default_readers: frozenset[str]

    def receive(self, key: str, sequencer: str = "") -> Outcome:
        """Look at an object that an event named: a document, or the metadata file of one.

        A key that cannot name a document is refused by a DocumentFailed event of generation 0: it has no place in
        the registry, because it belongs to nobody.

        Raises:
            ConcurrentUpdateError: others kept writing the document.
        """
        try:
            return self.observe(ids.described_key(key), sequencer)
        except InvalidKeyError as error:
            if ids.is_sidecar(key) or self._objects.head(key) is None:
                return Outcome.IGNORED
            self.removal.bus.publish(_refusal(self._objects.bucket, key, error))
            return Outcome.REFUSED

    def observe(self, key: str, sequencer: str = "") -> Outcome:
        """Make the registry equal the bucket for one document's key.

        Raises:
            InvalidKeyError: the key cannot name a document.
            ConcurrentUpdateError: others kept writing the document.
        """
        if keys.is_folder_marker(key) and self._is_empty(key):
            return Outcome.IGNORED
        tenant = keys.tenant_of(key)
        for _ in range(ROUNDS):
            try:
                return self._settle(key, tenant, sequencer)
            except ConcurrentUpdateError:
                continue
        raise ConcurrentUpdateError(f"document {ids.document_id(self._objects.bucket, key)} keeps changing")

    def _settle(self, key: str, tenant: str, sequencer: str) -> Outcome:
        document = self._registry.get(ids.document_id(self._objects.bucket, key))
        upload = self._uploads.current(key, document)
        if upload is None:
            hidden = document is not None and self.removal.hide(document)
            return Outcome.REMOVED if hidden else Outcome.UNCHANGED
        stored = upload.stored
        known = document if document and document.version_id == stored.version_id else None
        if known is None:
            self._uploads.state_metadata(stored)
        access = self._access(key, document is not None and document.described)
        receipt = _receipt(upload, tenant, access, sequencer)
        if is_past(access.attributes, self.access.clock.now()):
            hidden = self.removal.expire(self._expired(document, known, receipt, access))
            return Outcome.EXPIRED if hidden else Outcome.UNCHANGED
        if known is None or known.status in GONE:
            self._admit(document, receipt)
            return Outcome.ADMITTED
        changed = self.access.apply(known, access)
        return Outcome.UNCHANGED if changed == known else Outcome.ACCESS_CHANGED

    def _expired(self, document: Document | None, known: Document | None, receipt: Receipt, access: Access) -> Document:
        """What the bucket shows on record, not dispatched: it is hidden next, and nothing is paid for it."""
        if known is not None and known.status is not DocumentStatus.DELETED:
            return self.access.apply(known, access)
        generation = self._registry.admit(receipt, document, self.access.clock.now())
        admitted = self._registry.get(generation.document_id)
        if admitted is None:
            raise ConcurrentUpdateError("the document was written meanwhile")
        return admitted

    def _admit(self, document: Document | None, receipt: Receipt) -> None:
        generation = self._registry.admit(receipt, document, self.access.clock.now())
        if document is not None:
            # What was live or waited may have chunks to rewrite or to remove.
            self.removal.maintenance.send({"document_id": generation.document_id})
        self.dispatch.send({"document_id": generation.document_id, "generation": generation.generation})

    def _access(self, key: str, described: bool) -> Access:
        if not keys.has_room_for_sidecar(key):
            return access_without_sidecar(described, self.default_readers)
        sidecar = self._objects.head(ids.sidecar_key(key))
        if sidecar is None:
            return access_without_sidecar(described, self.default_readers)
        if sidecar.size > SIDECAR_MAX_BYTES:
            return CLOSED
        try:
            body = self._objects.read(sidecar.key)
        except NotFoundError as error:
            raise ConcurrentUpdateError("the metadata file was removed while it was read") from error
        return access_of(body, self.default_readers)

    def _is_empty(self, key: str) -> bool:
        stored = self._objects.head(key)
        return stored is None or stored.size == 0

    @property
    def _uploads(self) -> TicketedUploads:
        return TicketedUploads(self._objects, self.removal.bus)

    @property
    def _objects(self) -> ObjectStore:
        return self.removal.objects

    @property
    def _registry(self) -> DocumentRegistry:
        return self.removal.registry


def _receipt(upload: Upload, tenant: str, access: Access, sequencer: str) -> Receipt:
    return Receipt(
        stored=upload.stored,
        tenant=tenant,
        title=file_title(upload.stored.key),
        readers=access.readers,
        attributes=access.attributes,
        owner=upload.owner,
        sequencer=sequencer,
        described=access.described,
    )


def _refusal(bucket: str, key: str, error: InvalidKeyError) -> DocumentFailed:
    return DocumentFailed(
        tenant=key.partition("/")[0] if "/" in key else "",
        document_id=ids.document_id(bucket, key),
        generation=0,
        code=type(error).__name__,
        live_generation=0,
    )
