from __future__ import annotations

from collections.abc import Iterator

import pytest

from docqa import ids
from docqa.domain.retries import TRIES_MAX, delay_before
from docqa.errors import ServiceUnavailableError
from docqa.models.document import StoredObject
from tests.fakes.bucket import VersionedBucket
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
    life.registry.held.add(ids.execution_name(reference.document_id, 1, 1))
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


def test_lost_events_are_found_in_the_bucket(life: Lifecycle) -> None:
    """Promise 14: the end state equals the bucket."""
    life.drop("acme/gone.pdf")
    life.drop("acme/changed.pdf")
    life.bucket.delete("acme/gone.pdf")
    life.bucket.put("acme/changed.pdf", b"newer")
    life.bucket.put("acme/new.pdf")
    life.bucket.put("refused.pdf")
    life.bucket.put("acme/new.pdf.metadata.json", b'{"metadataAttributes": {"groups": ["*"]}}')
    counts = life.bucket_sweep.run(60.0)
    assert counts.finished
    assert counts.outcomes == {"admitted": 2, "removed": 1, "refused": 1}
    assert life.document("acme/gone.pdf").status == "DELETED"
    assert life.document("acme/changed.pdf").latest_generation == 2
    assert life.document("acme/new.pdf").readers == {"tenant"}
    assert life.bucket_sweep.run(60.0).outcomes == {"unchanged": 2, "refused": 1, "removed": 1}


class TickingBucket(VersionedBucket):
    """Each listed object takes a second."""

    life: Lifecycle

    def list_objects(self, prefix: str, start_after: str = "") -> Iterator[StoredObject]:
        for stored in super().list_objects(prefix, start_after):
            yield stored
            self.life.clock.time += 1


def test_a_big_bucket_is_swept_over_several_runs() -> None:
    """Promise 20: nothing stays in limbo."""
    bucket = TickingBucket()
    bucket.life = life = Lifecycle(bucket=bucket)
    for n in range(25):
        bucket.put(f"acme/{n:02d}.pdf")
    runs = 1
    while not life.bucket_sweep.run(10.0).finished:
        runs += 1
        assert runs < 10
    assert runs == 3
    assert len(life.registry.documents) == 25
    assert life.registry.sweep_position("bucket") is None


def test_a_sweep_that_met_a_fault_goes_on_where_it_was() -> None:
    class Faulty(VersionedBucket):
        faulty = True

        def head(self, key: str, version_id: str | None = None) -> StoredObject | None:
            if key == "acme/1.pdf" and self.faulty:
                raise ServiceUnavailableError("S3 does not answer")
            return super().head(key, version_id)

    bucket = Faulty()
    life = Lifecycle(bucket=bucket)
    for n in range(3):
        bucket.put(f"acme/{n}.pdf")
    with pytest.raises(ServiceUnavailableError):
        life.bucket_sweep.run(60.0)
    assert life.registry.sweep_position("bucket") == "objects:acme/0.pdf"
    bucket.faulty = False
    counts = life.bucket_sweep.run(60.0)
    assert (counts.objects, counts.finished) == (2, True)


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
