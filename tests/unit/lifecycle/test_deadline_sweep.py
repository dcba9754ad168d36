from __future__ import annotations

import pytest

from docqa import ids
from docqa.domain.retries import TRIES_MAX, delay_before
from tests.fakes.lifecycle import Lifecycle

KEY = "acme/a.pdf"


@pytest.fixture
def life() -> Lifecycle:
    return Lifecycle()


def vanish(life: Lifecycle) -> None:
    """Every running execution is gone without a word."""
    life.workflow.ended.update(life.workflow.running())


def test_a_vanished_execution_is_started_again_and_finally_fails(life: Lifecycle) -> None:
    """Promise 20: nothing stays in limbo."""
    life.drop(KEY)
    for attempt in range(1, TRIES_MAX + 1):
        assert life.start(KEY).attempt == attempt
        vanish(life)
        life.clock.time += 1_000
        counts = life.deadline_sweep.run()
        assert life.registry.slots() == frozenset()
        assert counts["failed" if attempt == TRIES_MAX else "requeued"] == 1
        life.clock.time += delay_before(attempt)
    document = life.document(KEY)
    assert document.failure is not None
    assert (document.status, document.failure.code) == ("FAILED", "DeadlinePassed")
    assert len(life.bus.published) == 1
    assert life.maintenance_queue.sent == [{"document_id": document.document_id}]


def test_what_still_runs_is_left_alone(life: Lifecycle) -> None:
    """Promise 20: nothing stays in limbo."""
    life.drop(KEY)
    reference = life.start(KEY)
    life.clock.time += 1_000
    assert life.deadline_sweep.run()["still_running"] == 1
    assert life.registry.slots() == {ids.execution_name(reference.document_id, 1, 1)}


def test_lost_places_are_freed_but_not_those_just_taken(life: Lifecycle) -> None:
    """Promise 34: a lost event costs a place only until the next sweep."""
    life.drop(KEY)
    reference = life.start(KEY)
    vanish(life)
    assert life.deadline_sweep.run()["freed"] == 0
    life.registry.publish(reference, 1, life.clock.now())
    life.registry.held.add("of-another-time")
    assert life.deadline_sweep.run()["freed"] == 2
    assert life.registry.slots() == frozenset()


def test_what_a_vanished_execution_wrote_for_nothing_is_removed(life: Lifecycle) -> None:
    """Promise 16: also when nobody told of its end."""
    life.drop(KEY)
    void = life.start(KEY)
    life.drop(KEY, b"newer")
    vanish(life)
    life.maintenance_queue.sent.clear()
    life.deadline_sweep.run()
    assert life.maintenance_queue.sent == [{"document_id": void.document_id}]


def test_what_waits_is_woken(life: Lifecycle) -> None:
    life.drop(KEY)
    life.dispatch_queue.sent.clear()
    life.deadline_sweep.run()
    assert life.dispatch_queue.sent == [{}]


def test_a_place_taken_by_a_dispatcher_that_died_is_put_back_long_before_the_deadline(life: Lifecycle) -> None:
    """Promise 20: claimed, but never started: it waits again after the next sweep."""
    life.drop(KEY)
    life.start(KEY)
    vanish(life)
    life.clock.time += 200  # beyond the grace, far from the deadline

    assert life.deadline_sweep.run()["requeued"] == 1
    assert life.registry.slots() == frozenset()
    life.clock.time += delay_before(1)
    assert life.start(KEY).attempt == 2
