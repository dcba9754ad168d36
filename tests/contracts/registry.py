"""What every document registry does: run by the in-memory one (unit) and the DynamoDB one (integration)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docqa import ids
from docqa.errors import ConcurrentUpdateError, InvalidRequestError, NotYetVisibleError, StaleVersionError
from docqa.models.access import TENANT_READERS, group_reader
from docqa.models.document import (
    Document,
    DocumentReference,
    DocumentStatus,
    Failure,
    Generation,
    GenerationStatus,
    LiveAccess,
    PageCounts,
    Stage,
    StoredObject,
)
from docqa.models.inference import Route, RouteChoice
from docqa.models.search_index import IndexConfiguration, SearchIndex, Walk
from docqa.models.waiting import Waiting
from docqa.ports.documents import DocumentRegistry, Receipt

BUCKET = "documents"
FINANCE = frozenset({group_reader("finance")})


def receipt(key: str = "acme/report.pdf", version: str = "v1", readers: frozenset[str] = FINANCE) -> Receipt:
    return Receipt(
        stored=StoredObject(BUCKET, key, version, 1000),
        tenant=key.partition("/")[0],
        title="report",
        readers=readers,
        attributes={"year": 2026.0, "draft": False, "kind": "report", "tags": ["a", "b"]},
        owner="sub-1",
        sequencer="0065",
    )


def admitted(registry: DocumentRegistry, sent: Receipt | None = None, now: float = 100.0) -> Generation:
    sent = sent or receipt()
    expected = registry.get(ids.document_id(BUCKET, sent.stored.key))
    return registry.admit(sent, expected, now)


def claimed(registry: DocumentRegistry, generation: Generation, deadline: float = 500.0) -> DocumentReference:
    reference = registry.claim_slot(generation, capacity=100, deadline=deadline, now=200.0)
    assert reference is not None
    return reference


def published(registry: DocumentRegistry, sent: Receipt | None = None) -> DocumentReference:
    reference = claimed(registry, admitted(registry, sent))
    registry.publish(reference, revision=1, now=300.0)
    return reference


def document_of(registry: DocumentRegistry, reference: DocumentReference | Generation) -> Document:
    document = registry.get(reference.document_id)
    assert document is not None
    return document


def waiting(registry: DocumentRegistry) -> list[str]:
    return [one.document_id for one in registry.waiting(1e9, 100)[0]]


def generation_of(registry: DocumentRegistry, reference: DocumentReference) -> Generation:
    generation = registry.get_generation(reference.document_id, reference.generation)
    assert generation is not None
    return generation


class AdmissionContract:
    def test_an_admitted_version_waits(self, registry: DocumentRegistry) -> None:
        generation = admitted(registry)
        document = document_of(registry, generation)
        assert registry.get_generation(generation.document_id, 1) == generation
        assert (generation.status, generation.generation) == (GenerationStatus.RECEIVED, 1)
        assert (document.status, document.latest_generation, document.live_generation) == ("RECEIVED", 1, 0)
        assert document.readers == FINANCE
        assert document.attributes == receipt().attributes
        assert waiting(registry) == [generation.document_id]

    def test_what_was_never_received_is_absent(self, registry: DocumentRegistry) -> None:
        assert registry.get("0" * 32) is None
        assert registry.get_generation("0" * 32, 1) is None
        assert registry.list_generations("0" * 32) == []
        assert registry.get_many(["0" * 32]) == {}

    def test_of_two_receipts_that_saw_the_same_state_one_is_refused(self, registry: DocumentRegistry) -> None:
        """Promise 13: two workers with the same event admit one version."""
        first = admitted(registry)
        seen = document_of(registry, first)
        registry.admit(receipt(version="v2"), seen, 101.0)
        with pytest.raises(ConcurrentUpdateError):
            registry.admit(receipt(version="v2"), seen, 101.0)
        with pytest.raises(ConcurrentUpdateError):
            registry.admit(receipt(), None, 101.0)
        with pytest.raises(ConcurrentUpdateError):
            registry.mark_deleted(seen, 101.0)
        with pytest.raises(ConcurrentUpdateError):
            registry.change_access(seen, frozenset(), {}, True, 101.0)
        assert len(registry.list_generations(first.document_id)) == 2

    def test_a_newer_version_supersedes_one_that_waits_or_runs(self, registry: DocumentRegistry) -> None:
        first = claimed(registry, admitted(registry))
        second = admitted(registry, receipt(version="v2"))
        third = admitted(registry, receipt(version="v3"))
        states = [one.status for one in registry.list_generations(first.document_id)]
        assert states == ["SUPERSEDED", "SUPERSEDED", "RECEIVED"]
        assert registry.waiting(1e6, 10) == ([Waiting(third.document_id, 3, "acme", 100.0)], None)
        assert registry.overdue(1e9, 10) == []
        with pytest.raises(StaleVersionError):
            registry.claim_slot(second, 100, 500.0, 200.0)

    def test_the_live_version_answers_until_the_newer_one_is_published(self, registry: DocumentRegistry) -> None:
        """Promise 15: an overwrite replaces the old version, and only when it is done."""
        old = published(registry)
        new = claimed(registry, admitted(registry, receipt(version="v2")))
        assert document_of(registry, old).live_generation == 1
        assert generation_of(registry, old).status is GenerationStatus.LIVE
        registry.publish(new, revision=1, now=400.0)
        assert document_of(registry, old).live_generation == 2
        assert generation_of(registry, old).status is GenerationStatus.SUPERSEDED

    def test_the_revision_rises_only_when_access_changes(self, registry: DocumentRegistry) -> None:
        admitted(registry)
        same = document_of(registry, admitted(registry, receipt(version="v2")))
        opened = document_of(registry, admitted(registry, receipt(version="v3", readers=frozenset({TENANT_READERS}))))
        assert (same.revision, opened.revision) == (1, 2)
        changed = registry.change_access(opened, frozenset(), {}, True, 150.0)
        assert (changed.revision, changed.readers, changed.attributes) == (3, frozenset(), {})
        assert changed.described
        assert registry.get(changed.document_id) == changed

    def test_what_was_said_of_the_version_that_answers_stays_on_record_until_a_newer_one_does(
        self, registry: DocumentRegistry
    ) -> None:
        """Promise 42: what is said of newer bytes opens nothing of the older ones."""
        everybody = frozenset({TENANT_READERS})
        said = replace(receipt(), attributes={"expires": "1970-01-01T01:00:00Z"})
        live = published(registry, said)
        assert document_of(registry, live).live_access is None
        admitted(registry, receipt(version="v2", readers=everybody))
        older = document_of(registry, live)
        assert (older.readers, older.live_access) == (everybody, LiveAccess(FINANCE, 3600.0))
        admitted(registry, receipt(version="v3", readers=frozenset()))
        assert document_of(registry, live).live_access == LiveAccess(FINANCE, 3600.0)
        before = document_of(registry, admitted(registry, receipt(version="v4", readers=everybody)))
        again = document_of(registry, admitted(registry, receipt(readers=everybody)))
        assert (again.live_access, again.revision) == (None, before.revision + 1)
        newer = claimed(registry, admitted(registry, receipt(version="v5", readers=everybody)))
        assert document_of(registry, live).live_access == LiveAccess(everybody)
        registry.publish(newer, revision=1, now=400.0)
        assert document_of(registry, live).live_access is None

    def test_a_deleted_document_answers_nothing_and_works_on_nothing(self, registry: DocumentRegistry) -> None:
        """Promise 16: a deletion hides the document at once, then removes every trace."""
        live = published(registry)
        running = claimed(registry, admitted(registry, receipt(version="v2")))
        registry.mark_deleted(document_of(registry, live), 400.0)
        document = document_of(registry, live)
        assert (document.status, document.live_generation, document.answers) == ("DELETED", 0, False)
        assert [one.status for one in registry.list_generations(live.document_id)] == ["SUPERSEDED", "SUPERSEDED"]
        with pytest.raises(StaleVersionError):
            registry.publish(running, revision=1, now=500.0)
        with pytest.raises(StaleVersionError):
            registry.record_chunks(running, 3)
        assert not registry.fail(running, Failure("X", "y"), 500.0)
        assert not registry.requeue(running, tries=1, due=0.0)
        assert document_of(registry, live) == document
        assert registry.slots() == {live.execution, running.execution}, "nobody said that they have ended"

    def test_a_deleted_document_can_come_back(self, registry: DocumentRegistry) -> None:
        live = published(registry)
        registry.mark_deleted(document_of(registry, live), 400.0)
        again = admitted(registry)
        assert again.generation == 2
        assert document_of(registry, live).status is DocumentStatus.RECEIVED


class SlotContract:
    def test_never_more_executions_than_places(self, registry: DocumentRegistry) -> None:
        generations = [admitted(registry, receipt(f"acme/{n}.pdf"), now=float(n)) for n in range(4)]
        taken = [registry.claim_slot(one, 2, 500.0, 200.0) for one in generations[:3]]
        assert [bool(one) for one in taken] == [True, True, False]
        assert registry.slots() == {f"{one.document_id}-1-1" for one in generations[:2]}
        assert registry.get_generation(generations[2].document_id, 1) == generations[2]
        registry.release_slot(f"{generations[0].document_id}-1-1")
        registry.release_slot(f"{generations[0].document_id}-1-1")
        assert claimed(registry, generations[2]).attempt == 1

    def test_a_claimed_version_runs_until_its_deadline(self, registry: DocumentRegistry) -> None:
        reference = claimed(registry, admitted(registry), deadline=500.0)
        running = generation_of(registry, reference)
        assert (running.status, running.attempt, running.deadline) == ("PROCESSING", 1, 500.0)
        assert running.stage == "INSPECTING"
        assert document_of(registry, reference).status is DocumentStatus.PROCESSING
        assert waiting(registry) == []
        assert registry.overdue(499.0, 10) == []
        assert registry.overdue(500.0, 10) == [running]

    def test_a_version_is_claimed_once(self, registry: DocumentRegistry) -> None:
        """Promise 13: the same event any number of times, one version."""
        generation = admitted(registry)
        claimed(registry, generation)
        with pytest.raises(StaleVersionError):
            claimed(registry, generation)
        assert len(registry.slots()) == 1

    def test_a_version_whose_execution_never_began_waits_where_it_was(self, registry: DocumentRegistry) -> None:
        generation = admitted(registry, now=100.0)
        later = admitted(registry, receipt("acme/later.pdf"), now=150.0)
        first = claimed(registry, generation)
        assert registry.requeue(first, tries=0, due=100.0)
        assert not registry.requeue(first, tries=0, due=100.0)
        assert waiting(registry) == [generation.document_id, later.document_id]
        found = generation_of(registry, first)
        assert (found.status, found.stage, found.tries, found.due) == ("RECEIVED", "RECEIVED", 0, 100.0)
        assert document_of(registry, first).status is DocumentStatus.RECEIVED
        second = claimed(registry, found)
        assert second.attempt == 2
        assert not registry.fail(first, Failure("X", "late"), 300.0)
        with pytest.raises(StaleVersionError):
            registry.record_chunks(first, 1)
        assert registry.slots() == {first.execution, second.execution}
        registry.release_slot(first.execution)
        assert registry.slots() == {second.execution}

    def test_a_retry_waits_in_a_line_of_its_own_and_not_before_it_is_due(self, registry: DocumentRegistry) -> None:
        reference = claimed(registry, admitted(registry, now=100.0))
        registry.requeue(reference, tries=1, due=700.0)
        assert registry.waiting(699.0, 10) == ([], None)
        assert registry.waiting(700.0, 10) == ([Waiting(reference.document_id, 1, "acme", 700.0, again=True)], None)
        found = generation_of(registry, reference)
        assert (found.tries, found.due) == (1, 700.0)
        assert claimed(registry, found).attempt == 2

    def test_a_version_whose_passages_wait_for_vectors_waits_aside_and_goes_on(
        self, registry: DocumentRegistry
    ) -> None:
        reference = claimed(registry, admitted(registry))
        registry.record_chunks(reference, 500, RouteChoice(Route.BATCH, "many wait"))
        assert registry.park(reference, due=5_000.0)
        assert registry.park(reference, due=5_000.0)  # a step that died after it is run again
        registry.release_slot(reference.execution)

        parked = registry.get_generation(reference.document_id, 1)
        assert parked is not None
        assert parked.is_parked
        assert (parked.due, parked.chunks, parked.tries) == (5_000.0, 500, 0)
        assert (parked.route, parked.route_reason) == ("batch", "many wait")
        assert registry.waiting(4_000.0, 10)[0] == []
        assert registry.waiting_of("acme", 4_000.0, 10) == 0

        assert registry.hasten(reference.document_id, 1, now=600.0)
        assert [one.due for one in registry.waiting(600.0, 10)[0]] == [600.0]
        assert registry.waiting_of("acme", 600.0, 10) == 1

        again = claimed(registry, parked)
        running = registry.get_generation(reference.document_id, 1)
        assert running is not None
        assert (again.attempt, running.stage) == (2, Stage.EMBEDDING)
        assert not registry.park(reference, due=9_000.0), "that attempt is over"
        assert not registry.hasten(reference.document_id, 1, now=700.0)

    def test_only_what_is_being_processed_is_parked_and_only_what_is_parked_is_hastened(
        self, registry: DocumentRegistry
    ) -> None:
        first = claimed(registry, admitted(registry))
        admitted(registry, receipt(version="v2"))

        assert not registry.park(first, due=5_000.0)
        assert not registry.hasten(first.document_id, 2, now=600.0)
        assert not registry.hasten(first.document_id, 7, now=600.0)

    def test_what_was_done_before_an_attempt_is_told_from_what_it_did(self, registry: DocumentRegistry) -> None:
        """Promise 20: a try that got further is no try in vain."""
        reference = claimed(registry, admitted(registry, now=100.0))
        assert not generation_of(registry, reference).got_further
        registry.add_usage(reference, "read:1", {}, {"read": 1.0})
        registry.add_usage(reference, "read:1", {}, {"read": 1.0})
        found = generation_of(registry, reference)
        assert (found.work_done, found.work_done_before, found.got_further) == (1, 0, True)
        registry.requeue(reference, tries=1, due=700.0, work_done=found.work_done)
        again = claimed(registry, generation_of(registry, reference))
        assert not generation_of(registry, again).got_further
        registry.requeue(again, tries=1, due=700.0)
        assert generation_of(registry, again).work_done_before == 1, "a start that was refused changes nothing"
        registry.add_usage(again, "read:101", {}, {})
        assert generation_of(registry, again).got_further

    def test_of_each_tenant_the_longest_waiting_come_first(self, registry: DocumentRegistry) -> None:
        """Promise 34: one tenant's thousands hide nobody else's documents."""
        for n in range(120):
            admitted(registry, receipt(f"acme/{n}.pdf"), now=1000.0 + n)
        for tenant in ("acme-2", "acme.x", "b#/", "übung"):
            admitted(registry, receipt(f"{tenant}/only.pdf"), now=5000.0)
        found, following = registry.waiting(1e6, 2)
        turns = [(one.tenant, one.due) for one in found]
        assert following is None
        assert sorted(turns) == [
            ("acme", 1000.0), ("acme", 1001.0), ("acme-2", 5000.0), ("acme.x", 5000.0), ("b#", 5000.0),
            ("übung", 5000.0),
        ]  # fmt: skip
        assert [one.tenant for one in registry.waiting(1e6, 2, after="acme")[0]] == ["b#", "übung"]

    def test_a_waiting_version_has_a_place_in_the_line_of_its_tenant(self, registry: DocumentRegistry) -> None:
        line = [admitted(registry, receipt(f"acme/{n}.pdf"), now=100.0 + n) for n in range(3)]
        admitted(registry, receipt("other/0.pdf"), now=1.0)
        assert [registry.place_in_line(one, 1000) for one in line] == [1, 2, 3]
        assert registry.place_in_line(line[2], 2) == 2
        registry.requeue(claimed(registry, line[0]), tries=1, due=50.0)
        retry = registry.get_generation(line[0].document_id, 1)
        assert retry is not None
        assert (registry.place_in_line(line[2], 1000), registry.place_in_line(retry, 1000)) == (2, 3)

    def test_versions_are_read_together(self, registry: DocumentRegistry) -> None:
        kept = [admitted(registry, receipt(f"acme/{n}.pdf")) for n in range(3)]
        found = registry.get_generations([*((one.document_id, 1) for one in kept), ("0" * 32, 1)])
        assert {one.document_id for one in found} == {one.document_id for one in kept}


class ProgressContract:
    def test_the_steps_note_what_they_found(self, registry: DocumentRegistry) -> None:
        reference = claimed(registry, admitted(registry))
        unreadable = ((3, 3), (7, 10))
        pages = PageCounts(
            3000,
            text_layer=2980,
            ocr=4,
            empty=1,
            unreadable=unreadable,
            unrecognised=((11, 19), (3000, 3000)),
            ocr_confidence=0.93,
        )
        registry.record_inspection(reference, "application/pdf", "c" * 64, "s" * 64, "Annual report")
        assert generation_of(registry, reference).stage == "READING"
        registry.record_stage(reference, Stage.EXTRACTING)
        assert generation_of(registry, reference).stage == "EXTRACTING"
        registry.record_pages(reference, pages, ["Page 3 could not be read."])
        assert generation_of(registry, reference).stage == "CHUNKING"
        registry.record_chunks(reference, 12)
        found = generation_of(registry, reference)
        assert (found.stage, found.warnings) == ("EMBEDDING", ("Page 3 could not be read.",))
        assert (found.media_type, found.content_hash, found.settings_hash) == ("application/pdf", "c" * 64, "s" * 64)
        assert (found.pages, found.chunks) == (pages, 12)
        assert document_of(registry, reference).title == "Annual report"
        registry.record_inspection(reference, "application/pdf", "c" * 64, "s" * 64, "")
        assert document_of(registry, reference).title == "Annual report"

    def test_work_is_counted_once_a_key(self, registry: DocumentRegistry) -> None:
        reference = claimed(registry, admitted(registry))
        registry.add_usage(reference, "embed-0", {"embedded_texts": 10}, {"embed": 0.5})
        registry.add_usage(reference, "embed-0", {"embedded_texts": 10}, {"embed": 0.5})
        registry.add_usage(reference, "embed-1", {"embedded_texts": 5, "embedded_tokens": 7}, {"embed": 0.25})
        registry.add_usage(reference, "nothing", {}, {})
        found = generation_of(registry, reference)
        assert found.usage == {"embedded_texts": 15, "embedded_tokens": 7}
        assert found.timings == {"embed": 0.75}

    def test_publishing_makes_the_version_live_while_its_execution_still_runs(self, registry: DocumentRegistry) -> None:
        reference = claimed(registry, admitted(registry))
        document = registry.publish(reference, revision=1, now=300.0)
        assert document == document_of(registry, reference)
        assert (document.status, document.live_generation, document.failure) == ("INDEXED", 1, None)
        found = generation_of(registry, reference)
        assert (found.status, found.indexed_revision, found.ended_at, found.stage) == ("LIVE", 1, 300.0, "")
        assert registry.slots() == {reference.execution}
        assert registry.overdue(1e9, 10) == []

    def test_publishing_again_changes_nothing(self, registry: DocumentRegistry) -> None:
        """Promise 17: a repetition after a crash ends in the same state."""
        reference = published(registry)
        before = document_of(registry, reference)
        assert registry.publish(reference, revision=1, now=999.0) == before
        assert document_of(registry, reference) == before

    def test_unreadable_pages_make_it_partial(self, registry: DocumentRegistry) -> None:
        """Promise 19: every document ends in a stated status."""
        reference = claimed(registry, admitted(registry))
        registry.record_pages(reference, PageCounts(total=2, text_layer=1, unreadable=((2, 2),)))
        assert registry.publish(reference, 1, 300.0).status is DocumentStatus.PARTIALLY_INDEXED

    def test_pages_on_which_nothing_was_recognised_make_it_partial(self, registry: DocumentRegistry) -> None:
        """Promise 19: no document ends as if it had been read where it was not."""
        reference = claimed(registry, admitted(registry))
        registry.record_pages(reference, PageCounts(total=311, ocr=113, unrecognised=((114, 311),)))
        assert registry.publish(reference, 1, 300.0).status is DocumentStatus.PARTIALLY_INDEXED

    def test_a_superseded_version_is_never_published(self, registry: DocumentRegistry) -> None:
        """Promise 15: an overwrite replaces the old version, and only when it is done."""
        old = claimed(registry, admitted(registry))
        admitted(registry, receipt(version="v2"))
        for write in (
            lambda: registry.publish(old, 1, 300.0),
            lambda: registry.record_inspection(old, "text/plain", "c", "s", "t"),
            lambda: registry.record_pages(old, PageCounts(total=1)),
            lambda: registry.record_chunks(old, 1),
            lambda: registry.record_stage(old, Stage.PUBLISHING),
        ):
            with pytest.raises(StaleVersionError):
                write()
        assert document_of(registry, old).live_generation == 0

    def test_a_failure_is_recorded_once_and_the_live_version_stays(self, registry: DocumentRegistry) -> None:
        live = published(registry)
        new = claimed(registry, admitted(registry, receipt(version="v2")))
        failure = Failure("EncryptedDocumentError", "The document opens only with a password.")
        assert registry.fail(new, failure, 500.0)
        assert not registry.fail(new, failure, 600.0)
        document = document_of(registry, live)
        assert (document.status, document.failure, document.live_generation) == ("FAILED", failure, 1)
        assert generation_of(registry, new).failure == failure
        assert generation_of(registry, new).ended_at == 500.0


class CleanUpContract:
    def test_only_ended_versions_are_removed(self, registry: DocumentRegistry) -> None:
        old = published(registry)
        new = published(registry, receipt(version="v2"))
        for reference in (old, new):
            registry.mark_removed(reference.document_id, reference.generation)
        states = [one.status for one in registry.list_generations(old.document_id)]
        assert states == ["REMOVED", "LIVE"]

    def test_the_indexed_revision_never_sinks(self, registry: DocumentRegistry) -> None:
        """Promise 27: nothing older overwrites anything newer."""
        reference = published(registry)
        registry.set_indexed_revision(reference.document_id, 1, 4)
        registry.set_indexed_revision(reference.document_id, 1, 3)
        registry.set_indexed_revision(reference.document_id, 9, 3)
        assert generation_of(registry, reference).indexed_revision == 4
        assert registry.get_generation(reference.document_id, 9) is None

    def test_the_last_owner_leaves_the_artefacts_to_be_removed(self, registry: DocumentRegistry) -> None:
        """Promise 16: a deletion hides the document at once, then removes every trace."""
        one = claimed(registry, admitted(registry, receipt("acme/1.pdf")))
        two = claimed(registry, admitted(registry, receipt("acme/2.pdf")))
        mine, yours = f"{one.document_id}:1", f"{two.document_id}:1"
        registry.claim_artifact("acme/embeddings/h/", mine)
        registry.claim_artifact("acme/embeddings/h/", mine)
        registry.claim_artifact("acme/embeddings/h/", yours)
        assert registry.artifacts_of(mine) == ["acme/embeddings/h/"]
        assert not registry.release_artifact("acme/embeddings/h/", mine)
        assert registry.release_artifact("acme/embeddings/h/", yours)
        assert registry.release_artifact("acme/embeddings/h/", yours)

    def test_artefacts_that_are_being_removed_cannot_be_claimed(self, registry: DocumentRegistry) -> None:
        one = claimed(registry, admitted(registry))
        owner = f"{one.document_id}:1"
        registry.claim_artifact("acme/embeddings/h/", owner)
        registry.forget_artifact("acme/embeddings/h/")
        assert registry.release_artifact("acme/embeddings/h/", owner)
        with pytest.raises(NotYetVisibleError):
            registry.claim_artifact("acme/embeddings/h/", owner)
        registry.forget_artifact("acme/embeddings/h/")
        registry.forget_artifact("acme/embeddings/h/")
        registry.claim_artifact("acme/embeddings/h/", owner)

    def test_a_version_that_answers_claims_what_a_new_index_needs(self, registry: DocumentRegistry) -> None:
        live = published(registry)
        registry.claim_artifact("acme/embeddings/next/", f"{live.document_id}:1")
        assert registry.artifacts_of(f"{live.document_id}:1") == ["acme/embeddings/next/"]

    def test_one_part_of_an_artefact_is_made_by_one_at_a_time(self, registry: DocumentRegistry) -> None:
        """Promise 23: equal documents at the same time pay once."""
        prefix = "acme/embeddings/h/"
        owner = f"{claimed(registry, admitted(registry)).document_id}:1"
        registry.claim_artifact(prefix, owner)
        assert registry.start_making(prefix, "0-9.f32", "one", 100.0, 400.0)
        assert registry.start_making(prefix, "0-9.f32", "one", 101.0, 401.0), "the same work, repeated"
        assert registry.start_making(prefix, "10-19.f32", "two", 100.0, 400.0)
        assert not registry.start_making(prefix, "0-9.f32", "two", 200.0, 500.0)
        registry.stop_making(prefix, "0-9.f32", "two")
        assert not registry.start_making(prefix, "0-9.f32", "two", 200.0, 500.0)
        registry.stop_making(prefix, "0-9.f32", "one")
        registry.stop_making(prefix, "0-9.f32", "one")
        assert registry.start_making(prefix, "0-9.f32", "two", 200.0, 500.0)
        assert registry.start_making(prefix, "0-9.f32", "three", 501.0, 900.0), "whoever announced it has died"

    def test_a_void_version_claims_nothing(self, registry: DocumentRegistry) -> None:
        """Promise 16: late work of a deleted document leaves nothing behind."""
        one = claimed(registry, admitted(registry))
        owner = f"{one.document_id}:1"
        registry.claim_artifact("acme/embeddings/h/", owner)
        registry.mark_deleted(document_of(registry, one), 300.0)
        with pytest.raises(StaleVersionError):
            registry.claim_artifact("acme/extractions/h/", owner)
        assert registry.artifacts_of(owner) == ["acme/embeddings/h/"]
        registry.mark_removed(one.document_id, 1)
        assert registry.artifacts_of(owner) == []


class ListingContract:
    def test_a_tenant_sees_its_own_documents_newest_first(self, registry: DocumentRegistry) -> None:
        """Promise 42: nobody sees what they may not read."""
        for n in range(5):
            admitted(registry, receipt(f"acme/{n}.pdf"), now=float(n))
        admitted(registry, receipt("other/0.pdf"), now=9.0)
        first, cursor = registry.list_documents("acme", 3)
        assert cursor is not None
        second, _ = registry.list_documents("acme", 3, cursor)
        assert [one.key for one in [*first, *second]] == [f"acme/{n}.pdf" for n in (4, 3, 2, 1, 0)]

    def test_the_list_is_narrowed_to_a_status_page_by_page(self, registry: DocumentRegistry) -> None:
        for n in range(9):
            reference = claimed(registry, admitted(registry, receipt(f"acme/{n}.pdf"), now=float(n)))
            if n % 2:
                registry.fail(reference, Failure("X", "y"), 300.0 + n)
        found: list[str] = []
        cursor: str | None = None
        while True:
            documents, cursor = registry.list_documents("acme", 3, cursor, DocumentStatus.FAILED)
            found += [one.key for one in documents]
            if cursor is None:
                break
        assert found == [f"acme/{n}.pdf" for n in (7, 5, 3, 1)]

    @pytest.mark.parametrize("cursor", ["", "x", "bnVsbA==", "WzEsMl0=", "WyJhIiwiYiJd", "%%"])
    def test_a_made_up_cursor_is_refused(self, registry: DocumentRegistry, cursor: str) -> None:
        admitted(registry)
        with pytest.raises(InvalidRequestError):
            registry.list_documents("acme", 3, cursor)

    def test_every_document_is_found_page_by_page(self, registry: DocumentRegistry) -> None:
        keys = {f"{tenant}/{n}.pdf" for tenant in ("acme", "other") for n in range(4)}
        for key in keys:
            admitted(registry, receipt(key))
        found: list[str] = []
        cursor: str | None = None
        while True:
            documents, cursor = registry.all_documents(3, cursor)
            found += [one.key for one in documents]
            if cursor is None:
                break
        assert sorted(found) == sorted(keys)

    def test_many_documents_are_read_at_once(self, registry: DocumentRegistry) -> None:
        wanted = [admitted(registry, receipt(f"acme/{n}.pdf")).document_id for n in range(101)]
        assert set(registry.get_many([*wanted, *wanted, "0" * 32])) == set(wanted)


class StateContract:
    def test_the_index_configuration_is_kept(self, registry: DocumentRegistry) -> None:
        assert registry.index_configuration() is None
        written = registry.set_index_configuration(IndexConfiguration("docqa-chunks-v1-384", "titan", 384))
        assert registry.index_configuration() == written
        changed = replace(
            written,
            complete=False,
            next=SearchIndex("docqa-chunks-v2-512", "cohere", 512),
            next_since=1_700_000_000.25,
            retiring=SearchIndex("docqa-chunks-v0-384", "titan", 384, unnamed_vectors=True),
            retired_at=5.0,
            abandoned=("a", "b"),
            walk=Walk(7.0, "cursor", seen=3, lacking=1),
            walked_at=9.0,
        )
        assert registry.set_index_configuration(changed) == replace(changed, lock=2)
        assert registry.index_configuration() == replace(changed, lock=2)
        assert registry.set_index_configuration(replace(written, lock=2)) == replace(written, lock=3)

    def test_of_two_writers_of_the_index_configuration_one_is_refused(self, registry: DocumentRegistry) -> None:
        """Promise 28: a switch is one write, by one writer."""
        written = registry.set_index_configuration(IndexConfiguration("chunks", "titan", 384))
        registry.set_index_configuration(replace(written, complete=False))
        for stale in (written, replace(written, lock=0)):
            with pytest.raises(ConcurrentUpdateError):
                registry.set_index_configuration(stale)

    def test_a_sweep_goes_on_where_it_stopped(self, registry: DocumentRegistry) -> None:
        assert registry.sweep_position("bucket") is None
        registry.set_sweep_position("bucket", "acme/x")
        assert registry.sweep_position("bucket") == "acme/x"
        registry.set_sweep_position("bucket", None)
        assert registry.sweep_position("bucket") is None


class RegistryContract(
    AdmissionContract, SlotContract, ProgressContract, CleanUpContract, ListingContract, StateContract
):
    """Everything above, for a fixture `registry` that is empty at first."""
