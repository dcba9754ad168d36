"""Sweeps: what fell through, because an event was lost or an execution vanished, is found by looking."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from docqa import ids
from docqa.domain.failure_words import deadline_failure
from docqa.domain.retries import TRIES_MAX
from docqa.errors import InvalidKeyError
from docqa.models.document import Document, Generation
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.jobs import Workflow
from docqa.ports.messages import WorkQueue
from docqa.ports.objects import ObjectStore
from docqa.services.dispatch import free_place, is_on
from docqa.services.failure import FailureService
from docqa.services.receipt import Outcome, ReceiptService

OVERDUE_MAX = 200
# Between taking a place and starting the execution lie milliseconds, seconds when Step Functions is slow.
CLAIM_GRACE_SECONDS = 120.0
PAGE = 100

_OBJECTS = "objects:"
_DOCUMENTS = "documents:"


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
        if _name(generation) in running:
            return "still_running"  # the state machine's own timeout ends it, and its event tells
        return self.failures.settle(generation.reference(), deadline_failure(TRIES_MAX), TRIES_MAX)

    def _is_starting(self, name: str) -> bool:
        """Whether the place was taken so recently that its execution may just be about to start."""
        parts = ids.execution_parts(name)
        generation = self.registry.get_generation(*parts) if parts else None
        if generation is None or not is_on(generation, name):
            return False
        document = self.registry.get(generation.document_id)
        return document is not None and self.clock.now() - document.updated_at < CLAIM_GRACE_SECONDS


@dataclass(slots=True)
class BucketCounts:
    """What a run of the bucket sweep did."""

    objects: int = 0
    documents: int = 0
    finished: bool = False
    outcomes: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        self.outcomes[outcome.value] = self.outcomes.get(outcome.value, 0) + 1


@dataclass(frozen=True, slots=True)
class BucketSweep:
    """Compares bucket and registry in both directions, as far as the time reaches; the next run goes on from there."""

    objects: ObjectStore
    registry: DocumentRegistry
    receipt: ReceiptService
    clock: Clock
    name: str = "bucket"

    def run(self, seconds: float) -> BucketCounts:
        """Sweep for that long, or to the end.

        Raises:
            RetryableError: a service failed; the next run begins with the key at which it did.
        """
        counts = BucketCounts()
        until = self.clock.now() + seconds
        position = self.registry.sweep_position(self.name) or _OBJECTS
        if position.startswith(_OBJECTS) and self._sweep_objects(position.removeprefix(_OBJECTS), until, counts):
            position = _DOCUMENTS
        if position.startswith(_DOCUMENTS):
            counts.finished = self._sweep_documents(position.removeprefix(_DOCUMENTS) or None, until, counts)
        return counts

    def _sweep_objects(self, after: str, until: float, counts: BucketCounts) -> bool:
        """Every object against the registry; whether the end was reached."""
        done = after
        try:
            for stored in self.objects.list_objects("", after):
                if self.clock.now() >= until:
                    return False
                if not ids.is_sidecar(stored.key):
                    counts.add(self._look_at(stored.key))
                    counts.objects += 1
                done = stored.key
        finally:
            self.registry.set_sweep_position(self.name, _OBJECTS + done)
        self.registry.set_sweep_position(self.name, _DOCUMENTS)
        return True

    def _sweep_documents(self, cursor: str | None, until: float, counts: BucketCounts) -> bool:
        """Every document against the bucket; whether the end was reached."""
        while True:
            documents, following = self.registry.all_documents(PAGE, cursor)
            for document in documents:
                self._look_for(document, counts)
            cursor = following
            self.registry.set_sweep_position(self.name, cursor and _DOCUMENTS + cursor)
            if cursor is None:
                return True
            if self.clock.now() >= until:
                return False

    def _look_for(self, document: Document, counts: BucketCounts) -> None:
        if document.bucket == self.objects.bucket and self.objects.head(document.key) is None:
            counts.add(self._look_at(document.key))
        counts.documents += 1

    def _look_at(self, key: str) -> Outcome:
        try:
            return self.receipt.observe(key)
        except InvalidKeyError:
            return Outcome.REFUSED  # told when it was written; a sweep does not tell it every day


def _name(generation: Generation) -> str:
    return ids.execution_name(generation.document_id, generation.generation, generation.attempt)
