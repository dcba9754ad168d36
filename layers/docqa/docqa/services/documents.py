"""What people see of documents over HTTP: lists, status, content. Nobody sees what they may not read."""

from __future__ import annotations

from dataclasses import dataclass, field

from docqa import ids
from docqa.domain.artifacts import GenerationArtifacts
from docqa.domain.document_view import document_view
from docqa.domain.media_types import MARKDOWN, PDF, PLAIN_TEXT
from docqa.domain.readers import may_open, may_see
from docqa.errors import ConflictError, InvalidRequestError, NotFoundError, RetryableError
from docqa.models.access import Principal
from docqa.models.api import PLACE_MAX, DocumentPage, DocumentView
from docqa.models.document import Document, DocumentStatus, Generation, GenerationStatus
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.services.budgets import Budgets, Unlimited

LIST_DEFAULT = 50
LIST_MAX = 100
# Documents that the caller may not see are passed over; after so many pages the caller gets the cursor and asks again.
LIST_ROUNDS = 10
# Long enough to follow a redirect; whoever gets hold of the address later has nothing.
OPEN_SECONDS = 60

# What a browser may show by itself. Everything else is downloaded: HTML would run its scripts.
_SHOWN = {PDF: PDF, PLAIN_TEXT: "text/plain; charset=utf-8", MARKDOWN: "text/plain; charset=utf-8"}
_DOWNLOADED = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class DocumentCatalog:
    """Reads documents for a caller.

    Attributes:
        admin_group: Members of this group see every document of their tenant; empty: nobody does.
        budgets: Say whether what waits has to wait for the next day.
    """

    registry: DocumentRegistry
    clock: Clock
    admin_group: str = ""
    budgets: Budgets = field(default_factory=Unlimited)

    def list(
        self, principal: Principal, limit: int = LIST_DEFAULT, cursor: str | None = None, status: str | None = None
    ) -> DocumentPage:
        """Documents that the caller may see, newest change first; at most `limit`, perhaps fewer before the end.

        With a status only those of that status; FAILED are the ones in quarantine.

        Raises:
            InvalidRequestError: the limit, the cursor or the status is none.
        """
        if not 1 <= limit <= LIST_MAX:
            raise InvalidRequestError(f"limit must be from 1 to {LIST_MAX}")
        wanted = _status(status)
        found: list[Document] = []
        for _ in range(LIST_ROUNDS):
            documents, cursor = self.registry.list_documents(principal.tenant, limit - len(found), cursor, wanted)
            found += [document for document in documents if self._may_see(principal, document)]
            if cursor is None or len(found) == limit:
                break
        return DocumentPage(documents=[document_view(document, None) for document in found], cursor=cursor)

    def show(self, principal: Principal, document_id: str) -> DocumentView:
        """One document with the counts of its newest version.

        Raises:
            NotFoundError: there is none, or the caller may not see it.
        """
        document = self.visible(principal, document_id)
        latest = self.registry.get_generation(document_id, document.latest_generation)
        if latest is None or latest.status is not GenerationStatus.RECEIVED:
            return document_view(document, latest)
        return document_view(document, latest, self._place(latest), self._waiting_for(document.tenant))

    def _waiting_for(self, tenant: str) -> str | None:
        try:
            return self.budgets.standing(tenant).sentence
        except RetryableError:
            return None  # a status without this is better than none

    def _place(self, latest: Generation) -> int:
        return self.registry.place_in_line(latest, PLACE_MAX)

    def visible(self, principal: Principal, document_id: str) -> Document:
        """The document.

        Raises:
            NotFoundError: there is none, or the caller may not see it.
        """
        document = self.registry.get(document_id) if ids.is_document_id(document_id) else None
        if document is None or not self._may_see(principal, document):
            raise NotFoundError("There is no such document.")
        return document

    def may_open(self, principal: Principal, document: Document) -> bool:
        """Whether the caller may read the version that answers, which may be older than the one that is shown."""
        return may_open(principal, document, self.admin_group, self.clock.now())

    def _may_see(self, principal: Principal, document: Document) -> bool:
        return may_see(principal, document, self.admin_group, self.clock.now())


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """Opens the version of a document that answers: as it lies in the bucket, or as house-keeping kept it.

    Attributes:
        objects: The documents.
        work: Copies of files that the bucket forgets.
    """

    catalog: DocumentCatalog
    objects: ObjectStore
    work: ObjectStore

    def address(self, principal: Principal, document_id: str) -> str:
        """A short-lived address of the live version's file.

        Raises:
            NotFoundError: there is none, or the caller may not see it.
            ConflictError: no version that the caller may read answers yet.
        """
        document = self.catalog.visible(principal, document_id)
        live = self.catalog.registry.get_generation(document_id, document.live_generation)
        if live is None or not self.catalog.may_open(principal, document):
            raise ConflictError("No version of the document that is open to you answers yet: ask for its status.")
        kept = GenerationArtifacts(live.reference()).file
        if live.version_id != document.version_id and self.work.exists(kept):
            return self._presigned(self.work, kept, "", live)
        return self._presigned(self.objects, live.key, live.version_id, live)

    @staticmethod
    def _presigned(store: ObjectStore, key: str, version_id: str, live: Generation) -> str:
        name = live.key.rpartition("/")[2]
        shown = _SHOWN.get(live.media_type)
        return store.presign_get(key, version_id, name, shown or _DOWNLOADED, OPEN_SECONDS, attachment=shown is None)


def _status(name: str | None) -> DocumentStatus | None:
    if name is None:
        return None
    if name not in DocumentStatus.__members__:
        raise InvalidRequestError(f"status must be one of {', '.join(DocumentStatus)}")
    return DocumentStatus[name]
