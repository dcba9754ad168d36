"""A batch ends: with its results, or as a whole without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from docqa.domain.batch_failures import batch_failure
from docqa.models.batch import Batch, BatchStatus
from docqa.models.events import BatchCompleted
from docqa.ports.batches import BatchRegistry, InboxChannels
from docqa.ports.clock import Clock
from docqa.ports.messages import BusEvents
from docqa.ports.objects import ObjectStore
from docqa.services.batches.concluding import counted
from docqa.services.batches.files import working_prefix
from docqa.services.batches.on_record import batch_on_record
from docqa.services.batches.results import MEDIA_TYPES, BatchResults


@dataclass(frozen=True, slots=True)
class EndBatch:
    """The last step of answer_batch, and its failure path. Tried again, a step changes nothing.

    The world is told once of each attempt's end: whoever has told notes it. Only who dies between the two leaves it to
    be told again, as any event may come twice.

    Attributes:
        on_undelivered: Is told why results were not put into the inbox bucket; for the log.
    """

    registry: BatchRegistry
    channels: InboxChannels
    results: BatchResults
    inbox: ObjectStore
    work: ObjectStore
    bus: BusEvents
    clock: Clock
    on_undelivered: Callable[[str], None]

    def finish(self, batch_id: str) -> Batch:
        """Put the results together, record and tell that they are there; the batch as it ended.

        One that has failed meanwhile keeps what it has: it can be sent again.
        """
        batch = batch_on_record(self.registry, batch_id)
        if batch.status is not BatchStatus.DONE:
            self.results.put_together(batch)
            self.results.prefix_for(batch, batch.principal)  # made now, and there when its sender asks for them
            if batch.results_to:
                self._deliver(batch)
            counts = counted(self.results.answers(batch))
            self.registry.end(batch_id, batch.attempt, BatchStatus.DONE, self.clock.now(), counts, None)
        ended = batch_on_record(self.registry, batch_id)
        if ended.status is BatchStatus.DONE:
            self._tell(ended)
            self.work.delete_prefix(working_prefix(batch))
        return ended

    def fail(self, batch_id: str, execution: str, error: str, cause: str) -> Batch:
        """Record why the batch as a whole came to nothing, unless it has ended. What was answered is kept.

        The state machine and the event of its ended execution tell of the same failure: the second to come makes up
        for what the first one did not get to.

        Args:
            batch_id: Which one.
            execution: Name of the one that failed; of an earlier attempt nothing is to be told any more.
            error: As Step Functions names it.
            cause: As Step Functions words it.
        """
        batch = batch_on_record(self.registry, batch_id)
        if batch.execution != execution:
            return batch
        failure = batch_failure(error, cause)
        self.registry.end(batch_id, batch.attempt, BatchStatus.FAILED, self.clock.now(), None, failure)
        ended = batch_on_record(self.registry, batch_id)
        if ended.execution == execution:  # else it was sent again meanwhile: the place is the next attempt's
            self._tell(ended)
        return ended

    def _tell(self, batch: Batch) -> None:
        """Its place goes to the next one, and the world hears of it."""
        self.registry.free_place(batch.tenant, batch.batch_id)
        if batch.told == batch.attempt:
            return
        counts = batch.counts
        self.bus.publish(
            BatchCompleted(
                tenant=batch.tenant,
                batch_id=batch.batch_id,
                status=batch.status.value,
                questions=batch.questions,
                answered=counts.answered,
                abstained=counts.abstained,
                failed=counts.failed,
                usd=round(counts.usd, 6),
            )
        )
        self.registry.note_told(batch.batch_id, batch.attempt)

    def _deliver(self, batch: Batch) -> None:
        """Put the files where the system that sent the questions finds them, while that place is still its own.

        What its rights are now decides what it is given. Kept are the results in any case, for `GET /batches`.
        """
        channel = self.channels.inbox_of(batch.results_to)
        if channel is None:
            self.on_undelivered("the inbox prefix is not registered any more")
        elif (channel.principal.tenant, channel.principal.subject) != (batch.tenant, batch.subject):
            self.on_undelivered("the inbox prefix is registered for another tenant or subject by now")
        else:
            self._hand_over(self.results.prefix_for(batch, channel.principal), batch.results_to)

    def _hand_over(self, prefix: str, to: str) -> None:
        for name, media_type in MEDIA_TYPES.items():
            with self.work.open(prefix + name) as file:
                self.inbox.write(to + name, file, media_type)
