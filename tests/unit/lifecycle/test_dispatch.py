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


def test_the_last_place_is_for_a_tenant_of_which_nothing_runs() -> None:
    """Promise 34: one of four places is kept; what runs is counted, not only what waits."""
    life = Lifecycle(capacity=4)
    for n in range(6):
        life.drop(f"acme/{n}.pdf")
    assert [life.dispatcher.dispatch(), life.dispatcher.dispatch()] == [3, 0]
    for n in range(2):
        life.drop(f"other/{n}.pdf")
    assert [life.dispatcher.dispatch(), life.dispatcher.dispatch()] == [1, 0]
    running = {one.tenant: one for one in life.workflow.started.values()}
    for tenant, started in (("other", 5), ("acme", 5)):
        life.registry.publish(running[tenant], 1, 5.0)
        life.end(running[tenant])
        assert len(life.workflow.started) == started
    assert len(life.registry.slots()) == 3, "the fourth is kept for somebody else"


def test_a_kept_place_is_not_taken_by_a_tenant_whose_start_came_in_between() -> None:
    """Promise 34: two dispatchers side by side do not give one tenant all that is kept."""

    class Overtaken(InMemoryDocumentRegistry):
        """Another dispatcher starts a document of the same tenant just before the first claim."""

        def claim_slot(
            self, generation: Generation, capacity: int, deadline: float, now: float
        ) -> DocumentReference | None:
            if generation.tenant == "late" and not any(one.startswith(overtaking) for one in self.held):
                version = self.generations[overtaking, 1]
                super().claim_slot(version, 20, deadline, now)
            return super().claim_slot(generation, capacity, deadline, now)

    life = Lifecycle(capacity=20, registry=Overtaken())
    for n in range(17):
        life.drop(f"acme/{n}.pdf")
    assert life.dispatcher.dispatch() == 17
    life.clock.time += 1
    life.drop("late/first.pdf")
    life.clock.time += 1
    overtaking = life.drop("late/second.pdf").document_id
    assert life.dispatcher.dispatch() == 0
    assert len(life.registry.slots()) == 18


def test_a_tenant_whose_start_came_in_between_leaves_the_kept_places_to_the_next_one() -> None:
    """Promise 34: another dispatcher was quicker for one tenant; what is kept is there for the others at once."""

    class Overtaken(InMemoryDocumentRegistry):
        def claim_slot(
            self, generation: Generation, capacity: int, deadline: float, now: float
        ) -> DocumentReference | None:
            if generation.tenant == "late" and not any(one.startswith(overtaking) for one in self.held):
                super().claim_slot(self.generations[overtaking, 1], 20, deadline, now)
            return super().claim_slot(generation, capacity, deadline, now)

    life = Lifecycle(capacity=20, registry=Overtaken())
    for n in range(17):
        life.drop(f"acme/{n}.pdf")
    assert life.dispatcher.dispatch() == 17
    life.clock.time += 1
    life.drop("late/first.pdf")
    life.clock.time += 1
    life.drop("other/first.pdf")
    overtaking = life.drop("late/second.pdf").document_id
    assert life.dispatcher.dispatch() == 1
    assert [one.key for one in life.workflow.started.values()][-1] == "other/first.pdf"


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
