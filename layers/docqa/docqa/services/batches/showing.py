"""Batches as those see them who sent them."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.domain.batch_view import batch_view
from docqa.errors import NotFoundError
from docqa.ids import is_batch_id
from docqa.models.access import Principal
from docqa.models.batch import Batch, BatchStatus
from docqa.models.batch_api import BatchLinks, BatchView
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore
from docqa.services.batches.results import MEDIA_TYPES, REPORT, RESULTS, TABLE, BatchResults

# Long enough to begin a download; whoever gets hold of the address later has nothing.
LINK_SECONDS = 120


@dataclass(frozen=True, slots=True)
class ShowBatch:
    """The use case of GET /batches/{batch_id}.

    Attributes:
        admin_group: Its members see every batch of their tenant, and in its results what they may read themselves;
            empty: nobody does but who sent it.
    """

    registry: BatchRegistry
    results: BatchResults
    work: ObjectStore
    admin_group: str
    clock: Clock

    def show(self, principal: Principal, batch_id: str) -> BatchView:
        """The batch as it is now; with addresses of its results, once it is done.

        Raises:
            NotFoundError: there is no such batch, or it is somebody else's.
        """
        batch = self._visible(principal, batch_id)
        links = self._links(batch, principal) if batch.status is BatchStatus.DONE else None
        return batch_view(batch, self.clock.now(), links=links)

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
