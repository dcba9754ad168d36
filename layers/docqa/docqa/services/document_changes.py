"""What people change over HTTP: upload, delete, share. Only owners and administrators change what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docqa import ids
from docqa.domain.document_view import document_view
from docqa.domain.keys import has_room_for_sidecar, upload_key
from docqa.domain.readers import may_write, read_sidecar, sidecar_of
from docqa.domain.upload_tickets import OWNER, STATED_MAX_CHARACTERS, stated_characters, ticket_fields
from docqa.errors import ForbiddenError, InvalidKeyError, InvalidRequestError
from docqa.models.access import Principal
from docqa.models.api import DocumentView, ReadersBody, UploadRequest, UploadTicket
from docqa.models.document import Document, DocumentStatus
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.services.documents import DocumentCatalog
from docqa.services.metadata_files import MetadataFiles
from docqa.services.receipt import ReceiptService
from docqa.services.removal import DocumentRemoval

# Long enough to send a large file over a slow line; a leaked form writes one key for this long.
UPLOAD_SECONDS = 900


@dataclass(frozen=True, slots=True)
class DocumentUpload:
    """Hands out uploads for one key each."""

    objects: ObjectStore
    registry: DocumentRegistry
    max_bytes: int
    admin_group: str

    def ticket(self, principal: Principal, request: UploadRequest) -> UploadTicket:
        """A form upload of one file below the caller's tenant.

        Raises:
            InvalidRequestError: the path, the size or the attributes cannot be.
            ForbiddenError: there is a document that the caller may not replace.
        """
        if request.size > self.max_bytes:
            raise InvalidRequestError(f"The file is too large: at most {self.max_bytes} bytes.")
        try:
            key = upload_key(principal.tenant, request.path)
        except InvalidKeyError as error:
            raise InvalidRequestError(str(error)) from error
        if request.attributes is not None:
            _check(request.attributes)
        before = self._owner(principal, key)
        fields = ticket_fields(before or principal.subject, before, request.readers, request.attributes)
        if stated_characters(fields) > STATED_MAX_CHARACTERS:
            raise InvalidRequestError(
                "Too many attributes for an upload, which carries about 1,100 bytes of them and of readers: say less, "
                "or have an administrator put the metadata file into the bucket."
                if request.attributes
                else "Too many readers for an upload: upload without them, then set the readers."
            )
        form = self.objects.presign_post(key, request.size, fields, UPLOAD_SECONDS)
        return UploadTicket(
            document_id=ids.document_id(self.objects.bucket, key),
            url=form["url"],
            fields=form["fields"],
            expires_in=UPLOAD_SECONDS,
        )

    def _owner(self, principal: Principal, key: str) -> str | None:
        """Owner of the document at the key, which the caller may replace; None when there is none.

        Raises:
            ForbiddenError: the caller may not.
        """
        document = self.registry.get(ids.document_id(self.objects.bucket, key))
        owners = [document.owner] if document is not None and document.status is not DocumentStatus.DELETED else []
        stored = self.objects.head(key)
        if stored is not None and (document is None or stored.version_id != document.version_id):
            owners.append(stored.metadata.get(OWNER, ""))  # not received yet
        if not all(may_write(principal, principal.tenant, owner, self.admin_group) for owner in owners):
            raise ForbiddenError("There is a document at this path that you may not replace: choose another path.")
        return owners[-1] if owners else None


def _check(attributes: Mapping[str, Any]) -> None:
    if "groups" in attributes:
        raise InvalidRequestError("attributes must not hold groups: say by readers who may read it.")
    try:
        read_sidecar(sidecar_of(attributes))
    except ValueError as error:
        raise InvalidRequestError(f"attributes: {error}.") from error


@dataclass(frozen=True, slots=True)
class DocumentDeletion:
    """Deletes documents for their owners.

    The metadata file stays: whoever uploads to the same key again gets the same readers unless they say otherwise.
    """

    catalog: DocumentCatalog
    objects: ObjectStore
    removal: DocumentRemoval

    def delete(self, principal: Principal, document_id: str) -> None:
        """Delete the file and hide the document at once.

        Raises:
            NotFoundError: there is none, or the caller may not see it.
            ForbiddenError: the caller may read but not delete it.
        """
        document = writable(self.catalog, principal, document_id)
        self.objects.delete(document.key)
        self.removal.follow(document.key)


@dataclass(frozen=True, slots=True)
class DocumentSharing:
    """Sets who may read documents."""

    catalog: DocumentCatalog
    files: MetadataFiles
    receipt: ReceiptService

    def set_readers(self, principal: Principal, document_id: str, body: ReadersBody) -> DocumentView:
        """Write the readers into the metadata file, and have the registry follow it at once.

        Of two changes at the same time the one that is written last holds, as the bucket shows it.

        Raises:
            NotFoundError: there is none, or the caller may not see it.
            ForbiddenError: the caller may read but not share it.
            InvalidRequestError: the document's key is too long for a metadata file.
            ConcurrentUpdateError: others kept writing the document.
        """
        document = writable(self.catalog, principal, document_id)
        if not has_room_for_sidecar(document.key):
            raise InvalidRequestError("The document's key is too long for a metadata file beside it: rename the file.")
        self.files.write_readers(document.key, body)
        self.receipt.observe(document.key)
        document = writable(self.catalog, principal, document_id)
        latest = self.catalog.registry.get_generation(document_id, document.latest_generation)
        return document_view(document, latest)


def writable(catalog: DocumentCatalog, principal: Principal, document_id: str) -> Document:
    """A document that the caller may change.

    Raises:
        NotFoundError: there is none, or the caller may not see it.
        ForbiddenError: the caller may only read it.
    """
    document = catalog.visible(principal, document_id)
    if not may_write(principal, document.tenant, document.owner, catalog.admin_group):
        raise ForbiddenError("Only the document's owner and administrators may do this.")
    return document
