"""The sweep of deadlines: versions and places whose execution is gone are found by looking."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from docqa import ids
from docqa.domain.failure_words import deadline_failure
from docqa.domain.retries import TRIES_MAX
from docqa.models.document import Generation
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.jobs import Workflow
from docqa.ports.messages import WorkQueue
from docqa.services.dispatch import free_place, is_on
from docqa.services.failure import FailureService

OVERDUE_MAX = 200
# Between taking a place and starting the execution lie milliseconds, seconds when Step Functions is slow.
CLAIM_GRACE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class DeadlineSweep:
    """Finds versions and places whose execution is gone."""

    registry: DocumentRegistry
    workflow: Workflow
    failures: FailureService
    dispatch: WorkQueue
    clock: Clock

    def run(self) -> Counter[str]:
        """Free places, requeue or fail what is overdue, and wake dispatch; how many of each."""
        held = self.registry.slots()  # before the executions: one that starts in between is in neither or in both
        running = self.workflow.running()
        counts: Counter[str] = Counter()
        for generation in self.registry.overdue(self.clock.now(), OVERDUE_MAX):
            counts[self._settle(generation, running)] += 1
        for name in (held - running) & self.registry.slots():
            if not self._is_starting(name):
                counts[self._free(name, running)] += 1
        if self.registry.waiting(self.clock.now(), 1)[0]:
            self.dispatch.send({})
        return counts

    def _free(self, name: str, running: frozenset[str]) -> str:
        """Give a place back; a version that still holds it was never started, or its execution vanished."""
        parts = ids.execution_parts(name)
        generation = self.registry.get_generation(*parts) if parts else None
        if generation is not None and is_on(generation, name):
            return self._settle(generation, running)
        free_place(self.registry, self.failures.maintenance, name)
        return "freed"

    def _settle(self, generation: Generation, running: frozenset[str]) -> str:
        if generation.reference().execution in running:
            return "still_running"  # the state machine's own timeout ends it, and its event tells
        settled = self.failures.settle(generation.reference(), deadline_failure(TRIES_MAX), TRIES_MAX)
        free_place(self.registry, self.failures.maintenance, generation.reference().execution)
        return settled

    def _is_starting(self, name: str) -> bool:
        """Whether the place was taken so recently that its execution may just be about to start."""
        parts = ids.execution_parts(name)
        generation = self.registry.get_generation(*parts) if parts else None
        if generation is None or not is_on(generation, name):
            return False
        document = self.registry.get(generation.document_id)
        return document is not None and self.clock.now() - document.updated_at < CLAIM_GRACE_SECONDS
