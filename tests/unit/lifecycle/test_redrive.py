"""A fault fills the dead-letter queues; once it is gone, redriving them in any order completes everything once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from docqa import ids
from docqa.errors import DocqaError, ServiceUnavailableError, StaleVersionError
from docqa.models.document import DocumentReference, GenerationStatus
from docqa.models.notices import FailureReport
from tests.fakes.lifecycle import Lifecycle
from tests.fakes.messages import RecordingQueue
from tests.fakes.registry import InMemoryDocumentRegistry

KEYS = ("acme/a.pdf", "acme/b.pdf", "other/c.pdf")
Message = tuple[str, Any]


class Fuse:
    """Calls pass until it burns: then this one, and no other, ends with a fault."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.left = inner, -1

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*args: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                raise ServiceUnavailableError("DynamoDB does not answer")
            return value(*args, **named)

        return call


class Stack:
    """The queues, their consumers and their dead letters; an execution is one message, too."""

    def __init__(self) -> None:
        self.registry = InMemoryDocumentRegistry()
        self.fuse = Fuse(self.registry)
        self.life = Lifecycle(open_to_tenant=True, capacity=2, registry=cast("InMemoryDocumentRegistry", self.fuse))
        self.messages: list[Message] = []
        self.dead: list[Message] = []
        self.chunks: set[tuple[str, int]] = set()
        self.performed: set[str] = set()

    def put(self, key: str) -> None:
        self.life.bucket.put(key)
        self.messages.append(("ingest", key))

    def delete(self, key: str) -> None:
        self.life.bucket.delete(key)
        self.messages.append(("ingest", key))

    def consume(self, message: Message) -> None:
        queue, body = message
        consumers: dict[str, Callable[[Any], object]] = {
            "ingest": self.life.receipt.receive,
            "dispatch": self._dispatch,
            "maintenance": self._reconcile,
            "ended": self.life.dispatcher.ended,
            "failures": self.life.failures.report,
            "execution": self._execute,
        }
        try:
            consumers[queue](body)
        finally:
            self._collect()

    def _collect(self) -> None:
        """What the consumer sent, also when it died after that."""
        for name, queue in (("dispatch", self.life.dispatch_queue), ("maintenance", self.life.maintenance_queue)):
            assert isinstance(queue, RecordingQueue)
            self.messages += [(name, body) for body in queue.sent]
            queue.sent.clear()
        for name in sorted(set(self.life.workflow.started) - self.performed):
            self.performed.add(name)
            self.messages.append(("execution", self.life.workflow.started[name]))

    def _dispatch(self, body: dict[str, Any]) -> None:
        self.life.dispatcher.dispatch((body["document_id"], body["generation"]) if body else None)

    def _execute(self, reference: DocumentReference) -> None:
        """Write chunks and publish; a fault ends it, and its event tells."""
        name = ids.execution_name(reference.document_id, reference.generation, reference.attempt)
        try:
            self.fuse.record_chunks(reference, 1)
            self.chunks.add((reference.document_id, reference.generation))
            self.fuse.publish(reference, 1, self.life.clock.now())
            self.messages.append(("maintenance", {"document_id": reference.document_id}))
        except StaleVersionError:
            pass
        except ServiceUnavailableError as error:
            self.messages.append(("failures", FailureReport(reference=reference, error=type(error).__name__)))
        self.life.workflow.ended.add(name)
        self.messages.append(("ended", name))

    def _reconcile(self, body: dict[str, Any]) -> None:
        for one in self.fuse.list_generations(body["document_id"]):
            if one.status in (GenerationStatus.SUPERSEDED, GenerationStatus.FAILED):
                self.chunks.discard((one.document_id, one.generation))
                self.fuse.mark_removed(one.document_id, one.generation)

    def work(self, faults: list[int]) -> None:
        """Consume everything. Faults: 0 none, n the n-th call to the registry fails, -1 done and yet a dead letter."""
        given = iter(faults)
        while self.messages:
            message = self.messages.pop(0)
            fault = next(given, 0)
            self.fuse.left = fault if fault > 0 else -1
            try:
                self.consume(message)
            except DocqaError:
                self.dead.append(message)
            else:
                if fault < 0:
                    self.dead.append(message)
            self.fuse.left = -1

    def redrive(self, order: list[int], twice: bool) -> None:
        """Every dead letter comes back, in that order."""
        dead, self.dead = self.dead * (2 if twice else 1), []
        while dead:
            self.messages.append(dead.pop((order.pop() if order else 0) % len(dead)))

    def let_time_pass(self) -> None:
        """What runs by schedule, but for the sweep of the bucket: the redrive must do without."""
        for _ in range(8):
            self.life.clock.time += 4_000
            self.life.deadline_sweep.run()
            self._collect()
            self.messages.append(("dispatch", {}))
            self.work([])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KEYS), st.booleans()), min_size=1, max_size=6),
    st.lists(st.integers(-1, 9), max_size=30),
    st.lists(st.integers(0, 99), max_size=30),
    st.booleans(),
)
def test_dead_letters_of_every_queue_in_any_order_lead_to_the_same_end(
    changes: list[tuple[str, bool]], faults: list[int], order: list[int], twice: bool
) -> None:
    """Promise 52: everything is completed, nothing twice, once the fault is gone."""
    stack = Stack()
    for key, deleted in changes:
        stack.delete(key) if deleted else stack.put(key)
    stack.work(faults)
    stack.redrive(order, twice)
    stack.work([])
    stack.let_time_pass()

    assert stack.dead == []
    live = set()
    for key in {key for key, _ in changes}:
        document = stack.registry.get(ids.document_id("documents", key))
        current = stack.life.bucket.current(key)
        if current is None:
            assert document is None or document.status == "DELETED"
            continue
        assert document is not None
        assert (document.status, document.version_id) == ("INDEXED", current.version_id)
        live.add((document.document_id, document.live_generation))
    assert stack.chunks == live
    versions = Counter((one.document_id, one.version_id) for one in stack.registry.generations.values())
    assert max(versions.values(), default=1) == 1, "no version was admitted twice"
    assert stack.registry.slots() == frozenset()
