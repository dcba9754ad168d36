"""Begin to answer a batch, as far as its tenant may have another one under way."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.domain.batch_deadlines import has_vanished
from docqa.errors import TooManyBatchesError
from docqa.models.batch import Batch, BatchStatus, DroppedFile
from docqa.ports.batches import BatchRegistry, BatchWorkflow
from docqa.ports.clock import Clock
from docqa.services.batches.on_record import batch_on_record

# The state machine gives itself two weeks: a week is the most that a batch may take, and it goes on after that with
# what is missing. An hour more, and nothing of it runs any more.
LONGEST_EXECUTION_SECONDS = 14 * 86_400.0 + 3_600.0
_TOO_MANY = (
    "As many batches of your organisation are under way as may be: send this one again when one of them is done."
)


@dataclass(frozen=True, slots=True)
class LaunchBatch:
    """Starts executions.

    Attributes:
        most_open: Batches of a tenant that may be under way at the same time.
    """

    registry: BatchRegistry
    workflow: BatchWorkflow
    clock: Clock
    most_open: int

    def require_room(self, tenant: str, batch_id: str) -> None:
        """See to it that the tenant may have this batch under way.

        Raises:
            TooManyBatchesError: it may not, now.
        """
        if self.registry.take_place(tenant, batch_id, self.most_open):
            return
        for other in self.registry.places(tenant):
            if not self._is_under_way(other):
                self.registry.free_place(tenant, other)
        if not self.registry.take_place(tenant, batch_id, self.most_open):
            raise TooManyBatchesError(_TOO_MANY)

    def launch(self, batch: Batch, dropped: DroppedFile | None = None) -> Batch:
        """Start the next attempt; of one that is running, nothing is started twice, and of one that is done, nothing.

        Args:
            batch: On record.
            dropped: Where its questions are; None: where they were, or in the work bucket.

        Raises:
            TooManyBatchesError: the tenant has too many others under way.
        """
        known = batch_on_record(self.registry, batch.batch_id)
        if known.status is BatchStatus.DONE:
            return known
        if has_vanished(known, self.clock.now()):
            # Its execution is over, or was never begun, and nobody told: one that is over keeps its name.
            self.registry.end(known.batch_id, known.attempt, BatchStatus.FAILED, self.clock.now(), None, None)
            known = batch_on_record(self.registry, batch.batch_id)
        if known.status is not BatchStatus.RUNNING:
            self.require_room(known.tenant, known.batch_id)
            now = self.clock.now()
            begun = self.registry.begin(known.batch_id, dropped or known.dropped, now, now + LONGEST_EXECUTION_SECONDS)
            known = begun or batch_on_record(self.registry, batch.batch_id)
        self.workflow.start(known)
        return known

    def _is_under_way(self, batch_id: str) -> bool:
        """Whether the batch has not ended, and what was to end it has not vanished."""
        batch = self.registry.get(batch_id)
        if batch is None or batch.status is not BatchStatus.RUNNING:
            return False
        return not has_vanished(batch, self.clock.now())
