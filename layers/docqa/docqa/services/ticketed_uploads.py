"""Uploads through tickets, as they are received: whose they may replace, and what they say of who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from docqa import ids
from docqa.domain.keys import has_room_for_sidecar, tenant_of
from docqa.domain.upload_tickets import has_ticket, may_follow, owner_after, stated_attributes, stated_readers
from docqa.errors import ForbiddenError
from docqa.models.document import Document, StoredObject
from docqa.models.events import DocumentFailed
from docqa.ports.messages import BusEvents
from docqa.ports.objects import ObjectStore
from docqa.services.metadata_files import MetadataFiles


@dataclass(frozen=True, slots=True)
class Upload:
    """The current version at a key, and whose document it makes or stays."""

    stored: StoredObject
    owner: str


@dataclass(frozen=True, slots=True)
class TicketedUploads:
    """Takes uploads out of the bucket that would take a document over from its owner.

    Two people may hold tickets for one new path at the same time, and S3 takes both uploads. The bucket's versions say
    whose came first, whatever order their events come in.
    """

    objects: ObjectStore
    bus: BusEvents

    def current(self, key: str, known: Document | None) -> Upload | None:
        """The current version at the key, once every upload is gone that its ticket was not good for.

        Args:
            key: Where to look.
            known: What the registry holds of it: its version was judged before.
        """
        stored = self.objects.head(key)
        if stored is None:
            return None
        if known and known.version_id == stored.version_id:
            return Upload(stored, known.owner)
        if not has_ticket(stored.metadata):
            return Upload(stored, owner_after(stored.metadata, None))
        owner, refused = self._refuse_strangers(key, known)
        left = self.objects.head(key) if refused else stored
        return None if left is None else Upload(left, owner)

    def state_metadata(self, stored: StoredObject) -> None:
        """Write readers and attributes that a ticket states into the metadata file, unless that is newer."""
        body, attributes = stated_readers(stored.metadata), stated_attributes(stored.metadata)
        if (body is None and attributes is None) or not has_room_for_sidecar(stored.key):
            return
        sidecar = self.objects.head(ids.sidecar_key(stored.key))
        if sidecar is None or sidecar.modified_at < stored.modified_at:
            MetadataFiles(self.objects).write(stored.key, body, attributes)

    def _refuse_strangers(self, key: str, known: Document | None) -> tuple[str, bool]:
        """Who owns what is left, and whether anything was taken out."""
        versions = self.objects.versions(key)
        judged = known.version_id if known else ""
        unseen = list(takewhile(lambda one: one.version_id != judged, versions))
        owner = known.owner if known and len(unseen) < len(versions) else None
        refused = False
        for version in reversed(unseen):
            stored = self.objects.head(key, version.version_id)
            if stored is None:
                continue
            if owner is None or may_follow(stored.metadata, owner):
                owner = owner_after(stored.metadata, owner)
            else:
                self._refuse(stored)
                refused = True
        return owner or "", refused

    def _refuse(self, stored: StoredObject) -> None:
        self.objects.delete_version(stored.key, stored.version_id)
        self.bus.publish(
            DocumentFailed(
                tenant=tenant_of(stored.key),
                document_id=ids.document_id(self.objects.bucket, stored.key),
                generation=0,
                code=ForbiddenError.__name__,
                live_generation=0,
            )
        )
