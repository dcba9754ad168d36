"""Batches over HTTP: questions in the body, or a form to upload a file of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from docqa.domain.batch_view import batch_view
from docqa.errors import IdempotencyMismatchError, InvalidRequestError
from docqa.ids import content_id
from docqa.models.access import Principal
from docqa.models.batch import Batch, BatchStatus
from docqa.models.batch_api import BatchRequest, BatchUpload, BatchView
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore
from docqa.services.batches.files import input_key, write_lines
from docqa.services.batches.launching import LaunchBatch

# Below this prefix of the inbox bucket lie the files of forms; no channel can be registered for it.
UPLOADS = "uploads/"
# As long as a document's form.
UPLOAD_SECONDS = 300


def upload_key(batch_id: str) -> str:
    """Where in the inbox bucket the file of a form goes."""
    return f"{UPLOADS}{batch_id}.jsonl"


@dataclass(frozen=True, slots=True)
class SubmitBatch:
    """The use case of POST /batches.

    Attributes:
        most_bytes: Of a file.
        within_seconds: How long a batch may take that says nothing of it.
        new_id: Makes ids that nobody can guess.
    """

    registry: BatchRegistry
    work: ObjectStore
    inbox: ObjectStore
    launcher: LaunchBatch
    most_bytes: int
    within_seconds: float
    new_id: Callable[[], str]
    clock: Clock

    def submit(self, principal: Principal, request: BatchRequest, key: str | None = None) -> BatchView:
        """Take a batch in. The same key and body are the same batch; one that failed is begun again.

        Raises:
            InvalidRequestError: the file would be too large.
            IdempotencyMismatchError: the key was used with another body.
            TooManyBatchesError: the tenant has too many under way; nothing was kept.
        """
        if request.size is not None and request.size > self.most_bytes:
            raise InvalidRequestError(f"size: a file of questions has at most {self.most_bytes:,} bytes; send several.")
        batch = self._batch(principal, request, key)
        known = self.registry.get(batch.batch_id)
        if known is None:
            self.launcher.require_room(batch.tenant, batch.batch_id)
            if request.questions is not None:
                write_lines(self.work, input_key(batch), request.questions)
            known = self.registry.create(batch) or batch
        if known.body_hash != batch.body_hash:
            raise IdempotencyMismatchError("This idempotency key was used with another batch; choose a new key.")
        if known.status is BatchStatus.UPLOADING:
            self.registry.free_place(known.tenant, known.batch_id)  # its file may never come
            return batch_view(known, self.clock.now(), upload=self._upload(known, request.size or self.most_bytes))
        return batch_view(self.launcher.launch(known), self.clock.now())

    def _batch(self, principal: Principal, request: BatchRequest, key: str | None) -> Batch:
        batch_id = content_id("batch", principal.tenant, principal.subject, key) if key else self.new_id()
        return Batch(
            batch_id=batch_id,
            tenant=principal.tenant,
            subject=principal.subject,
            groups=principal.groups,
            threshold=principal.threshold,
            status=BatchStatus.RECEIVED if request.questions is not None else BatchStatus.UPLOADING,
            created_at=self.clock.now(),
            within_seconds=float(request.within_seconds or self.within_seconds),
            body_hash=content_id("batch request", request.model_dump_json(exclude_defaults=True)),
        )

    def _upload(self, batch: Batch, size: int) -> BatchUpload:
        form = self.inbox.presign_post(upload_key(batch.batch_id), size, {}, UPLOAD_SECONDS)
        return BatchUpload(url=form["url"], fields=form["fields"], expires_in=UPLOAD_SECONDS)
