"""A failed attempt: tried again later, or recorded once and told to the world; its place goes to the next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from docqa.domain.failure_words import failure_of
from docqa.domain.retries import delay_before, tries_after, tries_allowed
from docqa.models.document import DocumentReference, Failure, Generation, GenerationStatus
from docqa.models.events import DocumentFailed
from docqa.models.notices import FailureReport
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import BusEvents, WorkQueue
from docqa.services.dispatch import free_place


class Settled(StrEnum):
    """What became of a version whose attempt ended without a result."""

    REQUEUED = "requeued"
    FAILED = "failed"
    ENDED_BEFORE = "ended_before"


@dataclass(frozen=True, slots=True)
class FailureService:
    """Decides what a failed attempt means for its version, and records why versions failed."""

    registry: DocumentRegistry
    maintenance: WorkQueue
    dispatch: WorkQueue
    bus: BusEvents
    clock: Clock

    def report(self, report: FailureReport) -> bool:
        """Record what the state machine, or the event of its ended execution, tells; whether the version failed by it.

        Both tell of the same failure: the first to come records it. A repeat from the state machine is a retry of a
        call that died half-way, so it tells the world again; the event does not. Only the event frees the place: what
        tells of its failure still runs.
        """
        reference = report.reference
        generation = self.registry.get_generation(reference.document_id, reference.generation)
        failure = failure_of(report.error, report.cause, generation.stage if generation else "")
        # No failure: the work was void, and what it left behind is removed once its execution has ended.
        failed = failure is not None and self._settled_as_failed(reference, failure, report.from_step)
        if not report.from_step:
            free_place(self.registry, self.maintenance, reference.execution)
            self.dispatch.send({})
        return failed

    def _settled_as_failed(self, reference: DocumentReference, failure: Failure, from_step: bool) -> bool:
        failed = self.settle(reference, failure, tries_allowed(failure.code)) is Settled.FAILED
        if not failed and from_step and self._failed_before(reference):
            self._tell(reference, failure)
        return failed

    def settle(self, reference: DocumentReference, failure: Failure, allowed: int) -> Settled:
        """Let the version wait for another try while it has one, else fail it. Its place is the caller's to free.

        Args:
            reference: The attempt that ended without a result.
            failure: Why, should it have been the last.
            allowed: How many tries in a row the version has.
        """
        generation = self.registry.get_generation(reference.document_id, reference.generation)
        tries = tries_after(generation)
        now = self.clock.now()
        if tries < allowed:
            done = generation.work_done if generation else 0
            requeued = self.registry.requeue(reference, tries=tries, due=now + delay_before(tries), work_done=done)
            return Settled.REQUEUED if requeued else Settled.ENDED_BEFORE
        if not self.registry.fail(reference, failure, now):
            return Settled.ENDED_BEFORE
        self._tell(reference, failure)
        return Settled.FAILED

    def _tell(self, reference: DocumentReference, failure: Failure) -> None:
        document = self.registry.get(reference.document_id)
        self.bus.publish(
            DocumentFailed(
                tenant=reference.tenant,
                document_id=reference.document_id,
                generation=reference.generation,
                code=failure.code,
                live_generation=document.live_generation if document else 0,
            )
        )

    def _failed_before(self, reference: DocumentReference) -> bool:
        generation = self.registry.get_generation(reference.document_id, reference.generation)
        return generation is not None and _is_failure_of(generation, reference)


def _is_failure_of(generation: Generation, reference: DocumentReference) -> bool:
    return generation.status is GenerationStatus.FAILED and generation.attempt == reference.attempt
