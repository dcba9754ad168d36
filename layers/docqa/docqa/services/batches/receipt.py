"""Files of questions that were put into the inbox bucket: by a form, or by a system below its own prefix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from docqa.errors import ForbiddenError, TooManyBatchesError
from docqa.ids import content_id, is_batch_id
from docqa.models.batch import Batch, BatchStatus, DroppedFile
from docqa.models.document import StoredObject
from docqa.ports.batches import BatchRegistry, InboxChannel, InboxChannels
from docqa.ports.clock import Clock
from docqa.ports.messages import WorkQueue
from docqa.ports.objects import ObjectStore
from docqa.services.batches.launching import LaunchBatch
from docqa.services.batches.submission import UPLOADS, upload_key

# Below a channel's prefix, what docqa writes; never read as questions.
RESULTS = "results/"
# User metadata of a file: how many seconds its batch may take.
WITHIN_SECONDS = "within-seconds"
LEAST_SECONDS, MOST_SECONDS = 60.0, 7 * 86_400.0
# Until a file is looked at again whose tenant has too many batches under way: the most that a queue holds one back.
WAIT_SECONDS = 900


class Receipt(StrEnum):
    """What became of an object that was seen."""

    BEGUN = "begun"
    WAITS = "waits"
    GONE = "gone"
    NOT_A_BATCH = "not a batch"


@dataclass(frozen=True, slots=True)
class ReceiveBatch:
    """The use case behind the inbox bucket. The same file is one batch, however often it is told of, or put there.

    That holds as long as the place is registered for the same tenant, subject, groups and threshold.

    Attributes:
        queue: Tells of objects that were seen, again.
        within_seconds: How long a batch may take whose file says nothing of it.
    """

    registry: BatchRegistry
    channels: InboxChannels
    inbox: ObjectStore
    launcher: LaunchBatch
    queue: WorkQueue
    within_seconds: float
    clock: Clock

    def receive(self, key: str) -> Receipt:
        """Begin the batch whose file this is.

        Raises:
            ForbiddenError: nothing is registered for the place where it lies.
        """
        stored = self.inbox.head(key)
        if stored is None:
            return Receipt.GONE
        batch = self._of_form(key) if key.startswith(UPLOADS) else self._of_channel(stored)
        if batch is None:
            return Receipt.NOT_A_BATCH
        try:
            self.launcher.launch(batch, batch.dropped or DroppedFile(key, stored.version_id))
        except TooManyBatchesError:
            notice = {"bucket": {"name": self.inbox.bucket}, "object": {"key": key}}
            self.queue.send({"detail": notice}, delay_seconds=WAIT_SECONDS)
            return Receipt.WAITS
        return Receipt.BEGUN

    def _of_form(self, key: str) -> Batch | None:
        """The batch that a form was made for; it is gone some time after nobody used the form."""
        batch_id = key.removeprefix(UPLOADS).removesuffix(".jsonl")
        return self.registry.get(batch_id) if is_batch_id(batch_id) and key == upload_key(batch_id) else None

    def _of_channel(self, stored: StoredObject) -> Batch | None:
        channel = self.channels.inbox_of(stored.key)
        if channel is None:
            raise ForbiddenError("No channel is registered for this place in the inbox bucket.")
        if stored.key.startswith(channel.prefix + RESULTS):
            return None
        batch = self._batch(channel, stored)
        return self.registry.create(batch) or batch

    def _batch(self, channel: InboxChannel, stored: StoredObject) -> Batch:
        principal = channel.principal
        # For somebody else, or with other rights, it is another batch: what is on record keeps those it was made with.
        rights = principal.tenant, principal.subject, repr(principal.threshold), *sorted(principal.groups)
        return Batch(
            batch_id=content_id("batch", stored.bucket, stored.key, stored.etag, *rights),
            tenant=principal.tenant,
            subject=principal.subject,
            groups=principal.groups,
            threshold=principal.threshold,
            status=BatchStatus.RECEIVED,
            created_at=self.clock.now(),
            within_seconds=self._within(stored),
            dropped=DroppedFile(stored.key, stored.version_id),
            results_to=f"{channel.prefix}{RESULTS}{stored.key.removeprefix(channel.prefix)}/",
        )

    def _within(self, stored: StoredObject) -> float:
        """What the file states; what is no number of seconds in bounds is as if it stated nothing."""
        stated = stored.metadata.get(WITHIN_SECONDS, "")
        seconds = float(stated) if stated.isdecimal() else 0.0
        return seconds if LEAST_SECONDS <= seconds <= MOST_SECONDS else self.within_seconds
