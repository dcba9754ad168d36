"""Dispatch: as many executions as there are places, the longest waiting first."""

from __future__ import annotations

from dataclasses import dataclass

from docqa import ids
from docqa.errors import ConcurrentUpdateError, RetryableError, StaleVersionError
from docqa.models.document import DocumentReference, Generation, GenerationStatus
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.jobs import Workflow
from docqa.ports.messages import WorkQueue

# Starting one takes some 50 ms; a run that starts this many ends well within a minute. The next message goes on.
STARTS_MAX = 100
# The item of places is hot when much happens at once: another writer may hold it for some milliseconds.
CLAIM_ROUNDS = 4

_VOID = (GenerationStatus.SUPERSEDED, GenerationStatus.FAILED)


def free_place(registry: DocumentRegistry, maintenance: WorkQueue, execution: str) -> None:
    """Free the place of an execution that is no more, and have removed what it wrote for nothing."""
    registry.release_slot(execution)
    parts = ids.execution_parts(execution)
    generation = registry.get_generation(*parts) if parts else None
    if generation is not None and generation.status in _VOID:
        maintenance.send({"document_id": generation.document_id})


@dataclass(frozen=True, slots=True)
class DispatchService:
    """Starts executions for versions that wait.

    Attributes:
        capacity: Executions that may run at once: what the tightest quota bears.
        deadline_seconds: How long one execution may take.
    """

    registry: DocumentRegistry
    workflow: Workflow
    maintenance: WorkQueue
    clock: Clock
    capacity: int
    deadline_seconds: float

    def dispatch(self, candidate: tuple[str, int] | None = None) -> int:
        """Start what waits while there are places; how many were started.

        Args:
            candidate: A version that was just received (document id, generation), which the list of waiting ones may
                not show yet.

        Raises:
            RetryableError: an execution could not be started; its version waits again.
        """
        started = 0
        if len(self.registry.slots()) >= self.capacity:
            return started  # one cheap read, where a claim would be a transaction that fails
        for generation in self._waiting(candidate):
            try:
                reference = self._claim(generation)
            except StaleVersionError:
                continue
            if reference is None:
                break
            self._start(reference)
            started += 1
        return started

    def ended(self, execution: str) -> int:
        """Free the place of an execution that ended, have void work removed, and start what waits."""
        free_place(self.registry, self.maintenance, execution)
        return self.dispatch()

    def _waiting(self, candidate: tuple[str, int] | None) -> list[Generation]:
        found = {(one.document_id, one.generation): one for one in self.registry.waiting(STARTS_MAX)}
        received = self.registry.get_generation(*candidate) if candidate else None
        if received is not None and received.status is GenerationStatus.RECEIVED:
            found[received.document_id, received.generation] = received
        return sorted(found.values(), key=lambda one: one.received_at)

    def _claim(self, generation: Generation) -> DocumentReference | None:
        """A place for the version, or None when all are taken."""
        now = self.clock.now()
        for _ in range(CLAIM_ROUNDS):
            try:
                return self.registry.claim_slot(generation, self.capacity, now + self.deadline_seconds, now)
            except ConcurrentUpdateError:
                continue
        raise ConcurrentUpdateError("other dispatchers keep taking places: this message comes again")

    def _start(self, reference: DocumentReference) -> None:
        try:
            self.workflow.start(reference)
        except RetryableError:
            self.registry.requeue(reference)
            raise
