"""A failed attempt: recorded once, told to the world, cleaned up after, its place given to the next."""

from __future__ import annotations

from dataclasses import dataclass

from docqa import ids
from docqa.domain.failure_words import failure_of
from docqa.models.document import DocumentReference, Failure, Generation, GenerationStatus
from docqa.models.events import DocumentFailed
from docqa.models.notices import FailureReport
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import BusEvents, WorkQueue


@dataclass(frozen=True, slots=True)
class FailureService:
    """Records why versions of documents failed."""

    registry: DocumentRegistry
    maintenance: WorkQueue
    dispatch: WorkQueue
    bus: BusEvents
    clock: Clock

    def report(self, report: FailureReport) -> bool:
        """Record what the state machine, or the event of its ended execution, tells; whether the version failed by it.

        Both tell of the same failure: the first to come records it. A repeat from the state machine is a retry of a
        call that died half-way, so it tells the world again; the event does not.
        """
        reference = report.reference
        failure = failure_of(report.error, report.cause)
        if failure is None:
            # The work was void. What it left behind is removed once its execution has ended.
            self.registry.release_slot(_name(reference))
            self.dispatch.send({})
            return False
        failed = self.registry.fail(reference, failure, self.clock.now())
        if failed or (report.from_step and self._failed_before(reference)):
            self._tell(reference, failure)
        self.dispatch.send({})
        return failed

    def fail(self, reference: DocumentReference, failure: Failure) -> bool:
        """Fail an attempt for a reason that no execution reported."""
        failed = self.registry.fail(reference, failure, self.clock.now())
        if failed:
            self._tell(reference, failure)
        return failed

    def _tell(self, reference: DocumentReference, failure: Failure) -> None:
        self.maintenance.send({"document_id": reference.document_id})
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


def _name(reference: DocumentReference) -> str:
    return ids.execution_name(reference.document_id, reference.generation, reference.attempt)
