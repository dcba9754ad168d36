"""The life of documents over fakes: everything from receipt to house-keeping, wired as bootstrap does it."""

from __future__ import annotations

from collections.abc import Callable

from docqa import ids
from docqa.models.access import TENANT_READERS
from docqa.models.document import Document, DocumentReference
from docqa.ports.clock import Clock
from docqa.services.access import AccessChange
from docqa.services.bucket_sweep import BucketSweep, SweepCounts
from docqa.services.budgets import Budgets, Unlimited
from docqa.services.deadline_sweep import DeadlineSweep
from docqa.services.dispatch import DispatchService
from docqa.services.failure import FailureService
from docqa.services.receipt import ReceiptService
from docqa.services.removal import DocumentRemoval
from tests.fakes.bucket import VersionedBucket
from tests.fakes.messages import ManualClock, RecordingBus, RecordingQueue, RecordingWorkflow
from tests.fakes.registry import InMemoryDocumentRegistry


class Lifecycle:
    def __init__(
        self,
        *,
        open_to_tenant: bool = False,
        capacity: int = 10,
        registry: InMemoryDocumentRegistry | None = None,
        workflow: RecordingWorkflow | None = None,
        bucket: VersionedBucket | None = None,
        budgets: Callable[[Clock], Budgets] = lambda _: Unlimited(),
    ) -> None:
        self.bucket = bucket or VersionedBucket()
        self.registry = registry or InMemoryDocumentRegistry()
        self.dispatch_queue, self.maintenance_queue = RecordingQueue(), RecordingQueue()
        self.bus, self.clock, self.workflow = RecordingBus(), ManualClock(), workflow or RecordingWorkflow()
        self.removal = DocumentRemoval(self.bucket, self.registry, self.maintenance_queue, self.bus, self.clock)
        self.access = AccessChange(self.registry, self.maintenance_queue, self.clock)
        readers = frozenset({TENANT_READERS}) if open_to_tenant else frozenset()
        self.receipt = ReceiptService(self.removal, self.access, self.dispatch_queue, readers)
        self.budgets = budgets(self.clock)
        self.dispatcher = DispatchService(
            self.registry,
            self.workflow,
            self.maintenance_queue,
            self.clock,
            capacity,
            deadline_seconds=600.0,
            budgets=self.budgets,
        )
        self.failures = FailureService(self.registry, self.maintenance_queue, self.dispatch_queue, self.bus, self.clock)
        self.ingest_queue = RecordingQueue()
        self.bucket_sweep = BucketSweep(self.bucket, self.registry, self.ingest_queue, self.clock)
        self.deadline_sweep = DeadlineSweep(
            self.registry, self.workflow, self.failures, self.dispatch_queue, self.clock
        )

    def document(self, key: str) -> Document:
        document = self.registry.get(ids.document_id(self.bucket.bucket, key))
        assert document is not None
        return document

    def drop(self, key: str, body: bytes = b"text", owner: str = "") -> Document:
        """Put a file and receive its event."""
        self.bucket.put(key, body, {"owner": owner} if owner else {})
        self.receipt.receive(key)
        return self.document(key)

    def start(self, key: str) -> DocumentReference:
        """Dispatch until the newest version of the document runs."""
        self.dispatcher.dispatch()
        document_id = ids.document_id(self.bucket.bucket, key)
        return next(one for one in reversed(self.workflow.started.values()) if one.document_id == document_id)

    def index(self, key: str) -> DocumentReference:
        """Run the pipeline over the newest version, as far as the registry sees it."""
        reference = self.start(key)
        self.registry.record_inspection(reference, "text/plain", "c" * 64, "s" * 64, "")
        self.registry.record_chunks(reference, 1)
        self.registry.publish(reference, self.document(key).revision, self.clock.now())
        self.end(reference)
        return reference

    def sweep_bucket(self, seconds: float = 1e6) -> SweepCounts:
        """Sweep, and receive what the sweep asked for."""
        counts = self.bucket_sweep.run(seconds)
        for message in self.ingest_queue.sent:
            self.receipt.receive(message["detail"]["object"]["key"])
        self.ingest_queue.sent.clear()
        return counts

    def end(self, reference: DocumentReference) -> None:
        """The execution ends, and its event arrives."""
        name = ids.execution_name(reference.document_id, reference.generation, reference.attempt)
        self.workflow.ended.add(name)
        self.dispatcher.ended(name)
