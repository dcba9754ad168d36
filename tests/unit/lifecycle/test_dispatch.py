from __future__ import annotations

import pytest

from docqa.errors import ConcurrentUpdateError, StaleVersionError, ThrottledError
from docqa.models.document import DocumentReference, Generation
from docqa.models.waiting import Waiting
from tests.fakes.lifecycle import Lifecycle
from tests.fakes.messages import RecordingWorkflow
from tests.fakes.registry import InMemoryDocumentRegistry


class Throttled(RecordingWorkflow):
    def start(self, reference: DocumentReference, *, goes_on: bool = False) -> None:
        raise ThrottledError("Step Functions throttles")


def test_as_many_start_as_there_are_places_the_longest_waiting_first() -> None:
    life = Lifecycle(capacity=2)
    for n in range(4):
        life.clock.time += 1
        life.drop(f"acme/{n}.pdf")
    assert life.dispatcher.dispatch((life.document("acme/3.pdf").document_id, 1)) == 2
    assert [one.key for one in life.workflow.started.values()] == ["acme/0.pdf", "acme/1.pdf"]
    assert life.dispatcher.dispatch() == 0


def test_an_ended_execution_gives_its_place_to_the_next() -> None:
    life = Lifecycle(capacity=1)
    for n in range(3):
        life.clock.time += 1
        life.drop(f"acme/{n}.pdf")
    first = life.start("acme/0.pdf")
    life.registry.publish(first, 1, 5.0)
    assert life.dispatcher.dispatch() == 0, "what is published still runs for a moment"
    life.end(first)
    assert [one.key for one in life.workflow.started.values()] == ["acme/0.pdf", "acme/1.pdf"]
    assert len(life.registry.slots()) == 1


def test_a_version_that_the_list_does_not_show_yet_starts_from_its_message() -> None:
    class LaggingIndex(InMemoryDocumentRegistry):
        def waiting(self, now: float, limit: int, after: str = "") -> tuple[list[Waiting], str | None]:
            return [], None

    life = Lifecycle(registry=LaggingIndex())
    document = life.drop("acme/a.pdf")
    assert life.dispatcher.dispatch((document.document_id, 1)) == 1
    assert life.dispatcher.dispatch((document.document_id, 1)) == 0
    assert life.dispatcher.dispatch(("0" * 32, 1)) == 0


def test_a_list_that_lags_behind_starts_nothing_twice() -> None:
    """Promise 13: the same event any number of times, one version."""

    class StaleIndex(InMemoryDocumentRegistry):
        seen: list[Waiting]

        def waiting(self, now: float, limit: int, after: str = "") -> tuple[list[Waiting], str | None]:
            return self.seen, None

    registry = StaleIndex()
    life = Lifecycle(registry=registry)
    registry.seen = []
    life.drop("acme/a.pdf")
    registry.seen = super(StaleIndex, registry).waiting(life.clock.now(), 10)[0]
    assert [life.dispatcher.dispatch(), life.dispatcher.dispatch()] == [1, 0]


def test_a_throttled_start_puts_the_version_back_and_comes_again() -> None:
    life = Lifecycle(workflow=Throttled())
    document = life.drop("acme/a.pdf")
    with pytest.raises(ThrottledError):
        life.dispatcher.dispatch()
    assert life.document("acme/a.pdf").status == "RECEIVED"
    assert life.registry.slots() == frozenset()
    assert [one.document_id for one in life.registry.waiting(life.clock.now(), 10)[0]] == [document.document_id]


def test_a_contended_claim_is_tried_again_and_then_left_to_the_queue() -> None:
    class Contended(InMemoryDocumentRegistry):
        conflicts = 2

        def claim_slot(
            self, generation: Generation, capacity: int, deadline: float, now: float
        ) -> DocumentReference | None:
            if self.conflicts:
                self.conflicts -= 1
                raise ConcurrentUpdateError("another transaction")
            return super().claim_slot(generation, capacity, deadline, now)

    registry = Contended()
    life = Lifecycle(registry=registry)
    life.drop("acme/a.pdf")
    assert life.dispatcher.dispatch() == 1
    registry.conflicts = 100
    life.drop("acme/b.pdf")
    with pytest.raises(ConcurrentUpdateError):
        life.dispatcher.dispatch()


def test_the_end_of_void_work_starts_its_clean_up() -> None:
    """Promise 16: what a superseded execution wrote last is removed once it has ended."""
    life = Lifecycle()
    life.drop("acme/a.pdf")
    void = life.start("acme/a.pdf")
    life.bucket.delete("acme/a.pdf")
    life.receipt.receive("acme/a.pdf")
    life.maintenance_queue.sent.clear()
    with pytest.raises(StaleVersionError):
        life.registry.record_chunks(void, 1)
    life.end(void)
    assert life.maintenance_queue.sent == [{"document_id": void.document_id}]
    assert life.registry.slots() == frozenset()


def test_an_execution_of_another_name_frees_nothing_else() -> None:
    life = Lifecycle()
    life.drop("acme/a.pdf")
    reference = life.start("acme/a.pdf")
    life.dispatcher.ended("somebody-elses")
    assert life.registry.slots() == {reference.execution}
