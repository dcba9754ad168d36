"""What people change over HTTP: upload, delete, share. Only owners and administrators change what is there."""

from __future__ import annotations

from dataclasses import dataclass

from docqa import ids
from docqa.domain.document_view import document_view
from docqa.domain.keys import has_room_for_sidecar, upload_key
from docqa.domain.readers import SIDECAR_MAX_BYTES, access_of, may_write, sidecar_with
from docqa.errors import ConcurrentUpdateError, ForbiddenError, InvalidKeyError, InvalidRequestError, NotFoundError
from docqa.models.access import Principal
from docqa.models.api import DocumentView, ReadersBody, UploadRequest, UploadTicket
from docqa.models.document import Document, DocumentStatus
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.services.access import AccessChange
from docqa.services.documents import DocumentCatalog
from docqa.services.removal import ROUNDS, DocumentRemoval

# Long enough to send a large file over a slow line; a leaked form writes one key for this long.
UPLOAD_SECONDS = 900
OWNER_FIELD = "x-amz-meta-owner"


@dataclass(frozen=True, slots=True)
class MetadataFiles:
    """The metadata files that say who may read a document."""

    objects: ObjectStore

    def write_readers(self, key: str, body: ReadersBody) -> bytes:
        """Let the document's metadata file name these readers; its content as written."""
        content = sidecar_with(self._existing(key), body)
        self.objects.write(ids.sidecar_key(key), content, "application/json")
        return content

    def _existing(self, key: str) -> bytes | None:
        sidecar = self.objects.head(ids.sidecar_key(key))
        if sidecar is None or sidecar.size > SIDECAR_MAX_BYTES:
            return None
        try:
            return self.objects.read(sidecar.key)
        except NotFoundError:
            return None


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
            InvalidRequestError: the path or the size cannot be.
            ForbiddenError: there is a document that the caller may not replace.
        """
        if request.size > self.max_bytes:
            raise InvalidRequestError(f"The file is too large: at most {self.max_bytes} bytes.")
        try:
            key = upload_key(principal.tenant, request.path)
        except InvalidKeyError as error:
            raise InvalidRequestError(str(error)) from error
        self._check_may_write(principal, key)
        if request.readers is not None:
            MetadataFiles(self.objects).write_readers(key, request.readers)
        form = self.objects.presign_post(key, request.size, {OWNER_FIELD: principal.subject}, UPLOAD_SECONDS)
        return UploadTicket(
            document_id=ids.document_id(self.objects.bucket, key),
            url=form["url"],
            fields=form["fields"],
            expires_in=UPLOAD_SECONDS,
        )

    def _check_may_write(self, principal: Principal, key: str) -> None:
        document = self.registry.get(ids.document_id(self.objects.bucket, key))
        owners = {document.owner} if document is not None and document.status is not DocumentStatus.DELETED else set()
        stored = self.objects.head(key)  # perhaps not received yet
        if stored is not None:
            owners.add(stored.metadata.get("owner", ""))
        if not all(may_write(principal, principal.tenant, owner, self.admin_group) for owner in owners):
            raise ForbiddenError("There is a document at this path that you may not replace: choose another path.")


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
    objects: ObjectStore
    access: AccessChange

    def set_readers(self, principal: Principal, document_id: str, body: ReadersBody) -> DocumentView:
        """Write the readers into the metadata file and apply them at once.

        Raises:
            NotFoundError: there is none, or the caller may not see it.
            ForbiddenError: the caller may read but not share it.
            InvalidRequestError: the document's key is too long for a metadata file.
            ConcurrentUpdateError: others kept writing the document.
        """
        document = writable(self.catalog, principal, document_id)
        if not has_room_for_sidecar(document.key):
            raise InvalidRequestError("The document's key is too long for a metadata file beside it: rename the file.")
        content = MetadataFiles(self.objects).write_readers(document.key, body)
        access = access_of(content, default=frozenset())
        for _ in range(ROUNDS):
            try:
                document = self.access.apply(document, access)
            except ConcurrentUpdateError:
                document = writable(self.catalog, principal, document_id)
            else:
                latest = self.catalog.registry.get_generation(document_id, document.latest_generation)
                return document_view(document, latest)
        raise ConcurrentUpdateError(f"document {document_id} keeps changing")


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
