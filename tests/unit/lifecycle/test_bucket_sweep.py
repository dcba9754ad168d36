from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from docqa import ids
from docqa.errors import ServiceUnavailableError
from docqa.models.document import Document, Failure, StoredObject
from docqa.services import bucket_sweep
from docqa.services.bucket_sweep import PAUSE_SECONDS
from tests.fakes.bucket import VersionedBucket
from tests.fakes.lifecycle import Lifecycle
from tests.fakes.registry import InMemoryDocumentRegistry

DAY = 86_400.0


def described(key: str, groups: str = '"*"') -> tuple[str, bytes]:
    return ids.sidecar_key(key), f'{{"metadataAttributes": {{"groups": [{groups}]}}}}'.encode()


def test_lost_events_are_found_in_the_bucket() -> None:
    """Promise 14: the end state equals the bucket."""
    life = Lifecycle()
    life.drop("acme/gone.pdf")
    life.drop("acme/changed.pdf")
    life.drop("acme/erased.pdf")
    life.bucket.delete("acme/gone.pdf")
    life.bucket.delete_some_version("acme/erased.pdf", 0)
    life.bucket.put("acme/changed.pdf", b"newer")
    life.bucket.put("acme/new.pdf")
    life.bucket.put("refused.pdf")
    life.bucket.put(*described("acme/new.pdf"))
    counts = life.sweep_bucket()
    assert (counts.finished, counts.refused) == (True, 1)
    assert [life.document(f"acme/{name}.pdf").status for name in ("gone", "erased")] == ["DELETED", "DELETED"]
    assert life.document("acme/changed.pdf").latest_generation == 2
    assert life.document("acme/new.pdf").readers == {"tenant"}
    assert life.bus.published
    assert not [one for one in life.bus.published if type(one).__name__ == "DocumentFailed"]


def test_a_bucket_that_equals_the_registry_costs_no_look_at_its_documents() -> None:
    """Promise 20: what a sweep finds in order it leaves alone."""
    life = Lifecycle()
    for n in range(3):
        life.drop(f"acme/{n}.pdf")
    assert life.sweep_bucket().asked == 0
    life.clock.time += DAY
    assert life.sweep_bucket().asked == 0


def test_a_metadata_file_is_looked_at_when_it_was_written_since_the_last_sweep() -> None:
    """Promise 44: a change of readers whose event was lost holds after the next sweep."""
    life = Lifecycle()
    life.bucket.put(*described("acme/a.pdf", '"finance"'))
    life.drop("acme/a.pdf")
    life.sweep_bucket()
    life.clock.time += DAY
    assert life.sweep_bucket().asked == 0
    key, body = described("acme/a.pdf")
    life.bucket.put(key, body)
    written = life.bucket.versions_of[key]
    written[-1] = replace(written[-1], modified_at=life.clock.time)
    life.clock.time += DAY
    assert life.sweep_bucket().asked == 1
    assert life.document("acme/a.pdf").readers == {"tenant"}


def test_a_metadata_file_that_is_gone_without_a_trace_closes_the_document() -> None:
    """Promise 44: also when its versions were erased and no event told."""
    life = Lifecycle()
    life.bucket.put(*described("acme/a.pdf"))
    life.drop("acme/a.pdf")
    life.sweep_bucket()
    life.bucket.delete_some_version(ids.sidecar_key("acme/a.pdf"), 0)
    life.clock.time += DAY
    assert life.sweep_bucket().asked == 1
    assert life.document("acme/a.pdf").readers == frozenset()


def test_a_sweep_a_day() -> None:
    life = Lifecycle()
    life.bucket.put("acme/a.pdf")
    assert life.sweep_bucket().objects == 1
    life.clock.time += PAUSE_SECONDS - 1
    assert life.sweep_bucket().objects == 0
    life.clock.time += 1
    assert life.sweep_bucket().objects == 1


class TickingBucket(VersionedBucket):
    """Each listed object takes a second."""

    life: Lifecycle

    def latest_versions(self, start_after: str = "") -> Iterator[StoredObject]:
        for stored in super().latest_versions(start_after):
            yield stored
            self.life.clock.time += 1


def test_a_big_bucket_is_swept_over_several_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 20: nothing stays in limbo; a run goes on where the last one stopped."""
    monkeypatch.setattr(bucket_sweep, "PAGE", 4)
    bucket = TickingBucket()
    bucket.life = life = Lifecycle(bucket=bucket)
    for n in range(25):
        bucket.put(f"acme/{n:02d}.pdf")
    runs, seen = 1, (counts := life.sweep_bucket(10.0)).objects
    while not counts.finished:
        counts = life.sweep_bucket(10.0)
        runs, seen = runs + 1, seen + counts.objects
        assert runs < 10
    assert (runs, seen) == (3, 25)
    assert len(life.registry.documents) == 25


def test_a_sweep_that_met_a_fault_goes_on_with_the_page_at_which_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_sweep, "PAGE", 2)

    class Faulty(InMemoryDocumentRegistry):
        faults = 1

        def get_many(self, document_ids: Iterable[str]) -> dict[str, Document]:
            wanted = list(document_ids)
            if ids.document_id("documents", "acme/3.pdf") in wanted and self.faults:
                self.faults -= 1
                raise ServiceUnavailableError("DynamoDB does not answer")
            return super().get_many(wanted)

    life = Lifecycle(registry=Faulty())
    for n in range(5):
        life.bucket.put(f"acme/{n}.pdf")
    with pytest.raises(ServiceUnavailableError):
        life.sweep_bucket()
    assert life.sweep_bucket().objects == 3
    assert len(life.registry.documents) == 5


def test_one_object_that_cannot_be_looked_at_is_left_to_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 21: one bad key stops no sweep; in the ingest queue it ends among the dead letters, by itself."""

    class Faulty(VersionedBucket):
        bad = frozenset({"acme/1.pdf"})

        def head(self, key: str, version_id: str | None = None) -> StoredObject | None:
            if key in self.bad and life.registry.documents.keys() >= documents:
                raise ServiceUnavailableError("S3 does not answer")
            return super().head(key, version_id)

    bucket = Faulty()
    documents = {ids.document_id(bucket.bucket, f"acme/{n}.pdf") for n in range(30)}
    life = Lifecycle(bucket=bucket)
    for n in range(30):
        life.drop(f"acme/{n}.pdf")
    counts = life.bucket_sweep.run(60.0)
    assert (counts.finished, counts.asked) == (True, 1)
    assert [one["detail"]["object"]["key"] for one in life.ingest_queue.sent] == ["acme/1.pdf"]
    bucket.bad = frozenset(f"acme/{n}.pdf" for n in range(30))
    life.clock.time += DAY
    with pytest.raises(ServiceUnavailableError):
        life.bucket_sweep.run(60.0)


def test_what_was_removed_lately_is_cleaned_up_again_if_that_got_lost() -> None:
    """Promise 16: a deletion removes every trace, also when the message that asked for it was lost."""
    life = Lifecycle()
    life.drop("acme/a.pdf")
    reference = life.start("acme/a.pdf")
    life.failures.settle(reference, Failure("X", "y"), 1)
    life.bucket.delete("acme/a.pdf")
    life.receipt.receive("acme/a.pdf")
    life.maintenance_queue.sent.clear()
    life.sweep_bucket()
    assert life.maintenance_queue.sent == [{"document_id": reference.document_id}]
    life.registry.mark_removed(reference.document_id, 1)
    life.maintenance_queue.sent.clear()
    life.clock.time += DAY
    life.sweep_bucket()
    assert life.maintenance_queue.sent == []
    life.clock.time += 8 * DAY
    assert life.sweep_bucket().asked == 0


def test_what_was_kept_of_a_failed_version_is_told_to_house_keeping_when_its_time_is_over() -> None:
    """Promise 16: nothing is left behind for want of an event; after some days it is not told any more."""
    life = Lifecycle()
    document = life.drop("acme/a.pdf")
    life.failures.settle(life.start("acme/a.pdf"), Failure("KeyError", "m"), 1)
    told = []
    for _ in range(30):
        life.maintenance_queue.sent.clear()
        life.sweep_bucket()
        told.append(bool(life.maintenance_queue.sent))
        assert life.maintenance_queue.sent in ([], [{"document_id": document.document_id}])
        life.clock.time += DAY
    assert told == [False] * 14 + [True] * 7 + [False] * 9
