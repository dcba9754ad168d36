"""Batches as those see them who sent them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from docqa.domain.batch_deadlines import is_overdue
from docqa.domain.batch_view import NEVER_CAME, batch_view
from docqa.errors import NotFoundError, TooManyBatchesError
from docqa.ids import is_batch_id
from docqa.models.access import Principal
from docqa.models.batch import Batch, BatchStatus, DroppedFile
from docqa.models.batch_api import BatchLinks, BatchView
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore
from docqa.services.batches.launching import LaunchBatch
from docqa.services.batches.results import MEDIA_TYPES, REPORT, RESULTS, TABLE, BatchResults
from docqa.services.batches.submission import upload_key

# Long enough to begin a download; whoever gets hold of the address later has nothing.
LINK_SECONDS = 120


@dataclass(frozen=True, slots=True)
class ShowBatch:
    """The use case of GET /batches/{batch_id}.

    Attributes:
        admin_group: Its members see every batch of their tenant, and in its results what they may read themselves;
            empty: nobody does but who sent it.
        launcher: For a file that came and that nobody told of.
    """

    registry: BatchRegistry
    results: BatchResults
    work: ObjectStore
    inbox: ObjectStore
    launcher: LaunchBatch
    admin_group: str
    clock: Clock

    def show(self, principal: Principal, batch_id: str) -> BatchView:
        """The batch as it is now; with addresses of its results, once it is done.

        Raises:
            NotFoundError: there is no such batch, or it is somebody else's.
        """
        batch = self._visible(principal, batch_id)
        if is_overdue(batch, self.clock.now()):
            return self._overdue(batch)
        links = self._links(batch, principal) if batch.status is BatchStatus.DONE else None
        return batch_view(batch, self.clock.now(), links=links)

    def _overdue(self, batch: Batch) -> BatchView:
        """The event of its file was lost, or there is no file."""
        stored = self.inbox.head(upload_key(batch.batch_id))
        if stored is None:
            return batch_view(batch, self.clock.now(), lost=NEVER_CAME)
        with suppress(TooManyBatchesError):  # it waits for the others; whoever asks again tries again
            batch = self.launcher.launch(batch, DroppedFile(stored.key, stored.version_id))
        return batch_view(batch, self.clock.now())

    def _visible(self, principal: Principal, batch_id: str) -> Batch:
        batch = self.registry.get(batch_id) if is_batch_id(batch_id) else None
        if batch is None or batch.tenant != principal.tenant:
            raise NotFoundError("There is no such batch.")
        is_admin = bool(self.admin_group) and self.admin_group in principal.groups
        if batch.subject != principal.subject and not is_admin:
            raise NotFoundError("There is no such batch.")
        return batch

    def _links(self, batch: Batch, reader: Principal) -> BatchLinks:
        prefix = self.results.prefix_for(batch, reader)
        addresses = {
            name: self.work.presign_get(
                prefix + name, "", f"{batch.batch_id}-{name}", media_type, LINK_SECONDS, attachment=name != REPORT
            )
            for name, media_type in MEDIA_TYPES.items()
        }
        return BatchLinks(
            results=addresses[RESULTS], table=addresses[TABLE], report=addresses[REPORT], expires_in=LINK_SECONDS
        )
