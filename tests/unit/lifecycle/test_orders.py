"""Whatever happens to a versioned bucket, in whatever order its events come, the end state equals the bucket."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from docqa import ids
from docqa.domain.expiry import may_answer
from docqa.domain.live_access import answer_readers, passage_readers
from docqa.errors import StaleVersionError
from docqa.models.access import TENANT_READERS, group_reader
from docqa.models.chunk import Chunk, IndexedChunk
from docqa.models.document import Document, DocumentReference, Failure, GenerationStatus
from docqa.models.search_index import IndexConfiguration
from docqa.services.maintenance import MaintenanceService
from tests.fakes.bucket import VersionedBucket
from tests.fakes.chunk_index import InMemoryChunkIndex
from tests.fakes.lifecycle import Lifecycle
from tests.fakes.registry import InMemoryDocumentRegistry

KEYS = st.sampled_from(["acme/a b+c%2F.pdf", "other/ünïcode/文書.txt"])
GROUPS = st.lists(st.sampled_from(["finance", "legal", "*"]), max_size=2)
CAPACITY = 2
UNREADABLE = "next Tuesday"
# Seconds from now: past, soon, long after the end of the test; and what is no date.
EXPIRES = st.sampled_from([None, None, None, -50.0, 100.0, 1e8, UNREADABLE])
WORKING = (GenerationStatus.RECEIVED, GenerationStatus.PROCESSING)


class Rewriter:
    """Rewrites the only chunk that a version has here."""

    def __init__(self, index: InMemoryChunkIndex, registry: InMemoryDocumentRegistry) -> None:
        self.index, self.registry = index, registry

    def fill(self, document: Document, number: int, maker: str, first: int = 0) -> None:
        live = self.registry.generations[document.document_id, number]
        if live.status is GenerationStatus.LIVE and live.indexed_revision < document.revision:
            readers = passage_readers(document, number)
            self.index.write([chunk_of(live.reference(), readers, document.revision)])
            self.registry.set_indexed_revision(document.document_id, number, document.revision)


def chunk_of(reference: DocumentReference, readers: frozenset[str], revision: int) -> IndexedChunk:
    return IndexedChunk(
        chunk=Chunk(ordinal=0, page=1, start=0, end=1, text="x"),
        document_id=reference.document_id,
        generation=reference.generation,
        tenant=reference.tenant,
        title="t",
        readers=readers,
        revision=revision,
        vector=(1.0,),
    )


class BucketAndRegistry(RuleBasedStateMachine):
    """People and programs change the bucket; events come late, twice, in any order, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Lifecycle(open_to_tenant=True, capacity=CAPACITY)
        self.index = InMemoryChunkIndex()
        work = VersionedBucket("work", [self.life.bucket])
        self.house = MaintenanceService(
            self.life.registry,
            work,
            lambda _: self.index,
            Rewriter(self.index, self.life.registry),
            self.life.clock,
        )
        self.life.registry.set_index_configuration(IndexConfiguration("chunks", "model", 1))
        self.events: list[str] = []
        self.running: list[tuple[DocumentReference, int]] = []
        self.described: set[str] = set()

    # --- the bucket changes

    @rule(key=KEYS, lost=st.booleans())
    def put(self, key: str, lost: bool) -> None:
        self.life.bucket.put(key)
        self.tell(key, lost)

    @rule(key=KEYS, lost=st.booleans())
    def delete(self, key: str, lost: bool) -> None:
        self.life.bucket.delete(key)
        self.tell(key, lost)

    @rule(key=KEYS, which=st.integers(-3, 2), lost=st.booleans())
    def delete_a_version_or_a_marker(self, key: str, which: int, lost: bool) -> None:
        self.life.bucket.delete_some_version(key, which)
        self.tell(key, lost)

    @rule(key=KEYS, groups=GROUPS, year=st.integers(2025, 2026), expires=EXPIRES, lost=st.booleans())
    def describe(self, key: str, groups: list[str], year: int, expires: float | str | None, lost: bool) -> None:
        stated: dict[str, object] = {"groups": groups, "year": year}
        if isinstance(expires, float):
            stated["expires"] = datetime.fromtimestamp(self.life.clock.time + expires, UTC).isoformat()
        elif expires is not None:
            stated["expires"] = expires
        self.life.bucket.put(ids.sidecar_key(key), json.dumps({"metadataAttributes": stated}).encode())
        self.tell(ids.sidecar_key(key), lost)

    @rule(seconds=st.sampled_from([10.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.life.clock.time += seconds

    @rule(key=KEYS, lost=st.booleans())
    def take_the_description_away(self, key: str, lost: bool) -> None:
        self.life.bucket.delete(ids.sidecar_key(key))
        self.tell(ids.sidecar_key(key), lost)

    def tell(self, key: str, lost: bool) -> None:
        if not lost:
            self.events.append(key)

    @rule(key=KEYS)
    def put_and_start_at_once(self, key: str) -> None:
        self.life.bucket.put(key)
        self.life.receipt.receive(key)
        self.dispatch()

    # --- docqa works

    @precondition(lambda self: self.events)
    @rule(which=st.integers(0, 100), again=st.booleans())
    def deliver_an_event(self, which: int, again: bool) -> None:
        index = which % len(self.events)
        self.life.receipt.receive(self.events[index])
        if not again:
            self.events.pop(index)

    @rule()
    def dispatch(self) -> None:
        before = set(self.life.workflow.started)
        self.life.dispatcher.dispatch()
        for name in set(self.life.workflow.started) - before:
            reference = self.life.workflow.started[name]
            document = self.life.registry.documents[reference.document_id]
            self.running.append((reference, document.revision))

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 100), fails=st.booleans(), lost=st.booleans(), tries=st.sampled_from([1, 3]))
    def an_execution_ends(self, which: int, fails: bool, lost: bool, tries: int = 1) -> None:
        """It wrote its chunk early, so that a version that is void by now has left one behind."""
        reference, revision = self.running.pop(which % len(self.running))
        document = self.life.registry.documents[reference.document_id]
        try:
            if fails:
                self.life.failures.settle(reference, Failure("KeyError", "m"), tries)
            else:
                self.life.registry.record_chunks(reference, 1)
                self.index.write([chunk_of(reference, document.readers, revision)])
                self.life.registry.publish(reference, revision, self.life.clock.now())
                self.life.maintenance_queue.send({"document_id": reference.document_id})
        except StaleVersionError:
            self.index.write([chunk_of(reference, document.readers, revision)])
        name = ids.execution_name(reference.document_id, reference.generation, reference.attempt)
        self.life.workflow.ended.add(name)
        if not lost:
            self.life.dispatcher.ended(name)
            self.adopt()

    def adopt(self) -> None:
        known = {ids.execution_name(one.document_id, one.generation, one.attempt) for one, _ in self.running}
        for name in self.life.workflow.running() - known:
            reference = self.life.workflow.started[name]
            self.running.append((reference, self.life.registry.documents[reference.document_id].revision))

    @rule()
    def keep_house(self) -> None:
        for message in self.life.maintenance_queue.sent:
            self.house.reconcile(message["document_id"], "m")
        self.life.maintenance_queue.sent.clear()

    # --- what always holds

    @invariant()
    def work_is_bounded_and_never_double(self) -> None:
        assert len(self.life.registry.slots()) <= CAPACITY
        assert self.life.workflow.running() <= self.life.registry.slots(), "what runs holds a place"
        for document_id, document in self.life.registry.documents.items():
            generations = self.life.registry.list_generations(document_id)
            working = [one.generation for one in generations if one.status in WORKING]
            assert working in ([], [document.latest_generation])
            live = [one.generation for one in generations if one.status is GenerationStatus.LIVE]
            assert live == ([document.live_generation] if document.live_generation else [])

    @invariant()
    def a_metadata_file_that_was_seen_is_never_forgotten(self) -> None:
        """Promise 44: taking it away closes the document."""
        now = {name for name, document in self.life.registry.documents.items() if document.described}
        assert self.described <= now
        self.described = now

    # --- what holds in the end

    def teardown(self) -> None:
        self.settle()
        for key in {key for key in self.life.bucket.versions_of if not ids.is_sidecar(key)}:
            document = self.life.registry.get(ids.document_id(self.life.bucket.bucket, key))
            current = self.life.bucket.current(key)
            if current is None:
                assert document is None or document.status == "DELETED"
                continue
            assert document is not None
            assert document.version_id == current.version_id
            readers, attributes, over = self.expected_access(key, document.described)
            assert (document.readers, document.attributes) == (readers, attributes)
            assert (document.status == "EXPIRED") == over
        self.check_index()

    def settle(self) -> None:
        """All executions end and the sweeps run: what was lost is found."""
        while self.running:
            self.an_execution_ends(which=0, fails=False, lost=False)
        self.life.clock.time += 10_000
        self.life.sweep_bucket()
        for _ in range(8):
            self.life.clock.time += 10_000
            self.life.deadline_sweep.run()
            self.dispatch()
            while self.running:
                self.an_execution_ends(which=0, fails=False, lost=False)
            self.keep_house()

    def expected_access(self, key: str, described: bool) -> tuple[frozenset[str], dict[str, object], bool]:
        """Readers, attributes, and whether the document's time is over, as the bucket says in the end."""
        sidecar = self.life.bucket.current(ids.sidecar_key(key))
        if sidecar is None:
            return (frozenset() if described else frozenset({TENANT_READERS})), {}, False
        stated = json.loads(sidecar.body)["metadataAttributes"]
        groups, expires = stated.pop("groups"), stated.get("expires")
        if expires == UNREADABLE:
            return frozenset(), {}, False
        over = expires is not None and datetime.fromisoformat(expires).timestamp() <= self.life.clock.time
        readers = frozenset(TENANT_READERS if group == "*" else group_reader(group) for group in groups)
        return readers, {**stated, "year": float(stated["year"])}, over

    def check_index(self) -> None:
        """One set of chunks of what answers, with its readers, and no other chunk."""
        for document in self.life.registry.documents.values():
            assert not (document.live_generation and not may_answer(document, self.life.clock.time))
        answering = {
            (one.document_id, one.live_generation): answer_readers(one)
            for one in self.life.registry.documents.values()
            if one.live_generation
        }
        indexed = {(one.document_id, one.generation): one.readers for one in self.index.written.values()}
        assert indexed == answering


def test_whatever_the_order_the_end_state_equals_the_bucket() -> None:
    """Promises 13, 14, 15, 16 and 44: events come late, twice, in any order or never; ends too."""
    run_state_machine_as_test(
        BucketAndRegistry, settings=settings(max_examples=120, stateful_step_count=30, deadline=None)
    )
