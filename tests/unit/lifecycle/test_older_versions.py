"""What is said of a newer version takes away from the one that answers, and gives nothing of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from docqa import ids
from docqa.domain.document_view import document_view
from docqa.domain.expiry import may_answer
from docqa.domain.live_access import answer_readers
from docqa.errors import ConflictError, StaleVersionError
from docqa.models.access import TENANT_READERS, Principal, group_reader
from docqa.models.api import ReadersBody
from docqa.models.document import Document, DocumentReference, Failure
from docqa.services.documents import DocumentCatalog, DocumentContent
from tests.fakes.lifecycle import Lifecycle

KEY = "acme/minutes.pdf"
SIDECAR = ids.sidecar_key(KEY)
BOARD = Principal("acme", "sub-board", frozenset({"board"}))
ANYONE = Principal("acme", "sub-anyone")
NEVER = float("inf")


def describe(life: Lifecycle, *groups: str, expires: float = NEVER) -> None:
    stated: dict[str, object] = {"groups": list(groups)}
    if expires != NEVER:
        stated["expires"] = datetime.fromtimestamp(expires, UTC).isoformat()
    life.bucket.put(SIDECAR, json.dumps({"metadataAttributes": stated}).encode())


def fail(life: Lifecycle) -> None:
    reference = life.start(KEY)
    life.failures.settle(reference, Failure("PageLimitError", "too long"), 1)
    life.end(reference)


def reads(life: Lifecycle, principal: Principal) -> bool:
    document = life.document(KEY)
    open_now = may_answer(document, life.clock.time)
    return open_now and principal.may_read(document.tenant, answer_readers(document))


@pytest.fixture
def life() -> Lifecycle:
    """The board's minutes are live, and open to the board alone."""
    life = Lifecycle()
    describe(life, "board")
    life.drop(KEY, b"as they were taken")
    life.index(KEY)
    assert reads(life, BOARD)
    assert not reads(life, ANYONE)
    return life


@pytest.mark.parametrize("order", ["file first", "metadata first", "both at once"])
def test_a_redacted_version_for_everybody_opens_the_one_before_it_to_nobody(life: Lifecycle, order: str) -> None:
    """Promises 42 and 14: in whatever order file and metadata file are written and received."""
    if order == "metadata first":
        describe(life, "*")
    life.bucket.put(KEY, b"redacted")
    if order == "file first":
        life.receipt.receive(KEY)
    if order != "metadata first":
        describe(life, "*")
    life.receipt.receive(SIDECAR)
    assert life.document(KEY).live_generation == 1
    assert not reads(life, ANYONE)
    assert reads(life, BOARD)
    fail(life)
    assert life.document(KEY).status == "FAILED"
    assert not reads(life, ANYONE), "nor ever, when the new version failed"
    life.bucket.put(KEY, b"redacted, and shorter")
    life.receipt.receive(KEY)
    assert not reads(life, ANYONE)
    life.index(KEY)
    assert reads(life, ANYONE)


def test_what_a_newer_version_takes_away_is_taken_away_at_once(life: Lifecycle) -> None:
    """Promise 43: a revocation does not wait for the newer version, and can be taken back."""
    life.bucket.put(KEY, b"names left out")
    describe(life, "legal")
    life.receipt.receive(KEY)
    assert not reads(life, BOARD)
    describe(life, "legal", "board")
    life.receipt.receive(SIDECAR)
    assert reads(life, BOARD)
    life.bucket.delete(SIDECAR)
    life.receipt.receive(SIDECAR)
    assert not reads(life, BOARD)


def test_readers_alone_change_what_answers_also_while_the_same_bytes_are_read_again(life: Lifecycle) -> None:
    """Promise 43: what is said of the bytes that answer holds for them, on its way and failed alike."""
    document = life.document(KEY)
    again = life.registry.get_generation(document.document_id, 1)
    assert again is not None
    life.bucket.put(KEY, b"never mind")
    life.receipt.receive(KEY)
    life.bucket.delete_some_version(KEY, -1)  # the first version is the newest again
    describe(life, "board", "legal")
    life.receipt.receive(KEY)
    assert life.document(KEY).version_id == again.version_id
    revision = life.document(KEY).revision
    assert reads(life, Principal("acme", "sub", frozenset({"legal"})))
    fail(life)
    describe(life, "*")
    life.receipt.receive(SIDECAR)
    assert reads(life, ANYONE)
    assert life.document(KEY).revision > revision, "the passages are to carry it"


def test_bytes_that_are_the_newest_again_are_open_as_stated_and_their_passages_learn_it(life: Lifecycle) -> None:
    """Promise 43: nothing but the version changed, yet the passages of what answers have to be written anew."""
    life.bucket.put(KEY, b"redacted")
    describe(life, "*")
    life.receipt.receive(KEY)
    revision = life.document(KEY).revision
    life.bucket.delete_some_version(KEY, -1)
    life.receipt.receive(KEY)
    assert life.document(KEY).revision == revision + 1
    assert reads(life, ANYONE)


def test_a_later_expiry_of_a_newer_version_gives_the_older_one_no_more_time(life: Lifecycle) -> None:
    """Promise 42: nobody reads what should have been taken out, though its successor may stay."""
    soon = life.clock.time + 100.0
    describe(life, "board", expires=soon)
    life.receipt.receive(SIDECAR)
    life.bucket.put(KEY, b"for good")
    describe(life, "board")
    life.receipt.receive(KEY)
    fail(life)
    assert reads(life, BOARD)
    life.clock.time = soon
    assert not reads(life, BOARD)


def test_a_deleted_document_that_comes_back_remembers_no_older_version(life: Lifecycle) -> None:
    life.bucket.put(KEY, b"redacted")
    describe(life, "*")
    life.receipt.receive(KEY)
    life.bucket.delete(KEY)
    life.receipt.receive(KEY)
    assert life.document(KEY).live_access is None
    life.bucket.put(KEY, b"redacted")
    life.receipt.receive(KEY)
    life.index(KEY)
    assert reads(life, ANYONE)


def test_the_file_of_an_older_version_opens_for_its_own_readers_only(life: Lifecycle) -> None:
    """Promise 42: whoever may read the newer version sees its status, and is told that nothing of it answers."""
    life.bucket.put(KEY, b"redacted")
    describe(life, "*")
    life.receipt.receive(KEY)
    catalog = DocumentCatalog(life.registry, life.clock, "admins")
    content = DocumentContent(catalog, life.bucket)
    document_id = life.document(KEY).document_id
    shown = catalog.show(ANYONE, document_id)
    assert (shown.generation, shown.live_generation) == (2, 1)
    assert (shown.readers.tenant, shown.live_readers) == (True, ReadersBody(tenant=False, groups=["board"]))
    with pytest.raises(ConflictError, match="open to you"):
        content.address(ANYONE, document_id)
    assert "versionId=v2" in content.address(BOARD, document_id)
    life.index(KEY)
    assert document_view(life.document(KEY), None).live_readers is None
    assert content.address(ANYONE, document_id)


class Versions(RuleBasedStateMachine):
    """One document; everything that is said of its versions while each of them is the newest in the bucket."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Lifecycle()
        self.said: dict[str, set[tuple[frozenset[str], float]]] = {}
        self.stated: tuple[frozenset[str], float] = (frozenset(), NEVER)
        self.running: list[DocumentReference] = []

    @initialize(groups=st.sampled_from([["board"], ["legal"]]))
    def a_version_answers(self, groups: list[str]) -> None:
        self.state(groups, None)
        self.upload()
        self.receive()
        self.life.index(KEY)

    @rule()
    def upload(self) -> None:
        self.life.bucket.put(KEY)
        self.note()

    @rule(groups=st.lists(st.sampled_from(["board", "legal", "*"]), max_size=2), after=st.sampled_from([None, 100.0]))
    def state(self, groups: list[str], after: float | None) -> None:
        expires = NEVER if after is None else self.life.clock.time + after
        describe(self.life, *groups, expires=expires)
        tokens = frozenset(TENANT_READERS if group == "*" else group_reader(group) for group in groups)
        self.stated = (tokens, expires)
        self.note()

    @rule(which=st.integers(-2, -1))
    def take_a_version_away(self, which: int) -> None:
        self.life.bucket.delete_some_version(KEY, which)
        self.note()

    @rule()
    def delete(self) -> None:
        self.life.bucket.delete(KEY)

    def note(self) -> None:
        current = self.life.bucket.current(KEY)
        if current is not None:
            self.said.setdefault(current.version_id, set()).add(self.stated)

    @rule()
    def receive(self) -> None:
        self.life.receipt.receive(KEY)

    @rule(seconds=st.sampled_from([10.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.life.clock.time += seconds

    @precondition(lambda self: self.life.registry.documents and self.life.document(KEY).status == "RECEIVED")
    @rule(fails=st.booleans(), received=st.booleans())
    def the_newest_is_worked_on(self, fails: bool, received: bool) -> None:
        reference = self.life.start(KEY)
        if received:
            self.receive()
        try:
            if fails:
                self.life.failures.settle(reference, Failure("KeyError", "m"), 1)
            else:
                self.life.registry.record_chunks(reference, 1)
                self.life.registry.publish(reference, self.life.document(KEY).revision, self.life.clock.now())
        except StaleVersionError:
            pass
        self.life.end(reference)

    @invariant()
    def what_answers_was_opened_to_its_readers_by_what_was_said_of_it(self) -> None:
        now = self.life.clock.time
        for document in self.life.registry.documents.values():
            if may_answer(document, now):
                self.check(document, now)

    def check(self, document: Document, now: float) -> None:
        live = self.life.registry.generations[document.document_id, document.live_generation]
        for groups in ([], ["board"], ["legal"]):
            one = Principal("acme", "sub", frozenset(groups))
            if not one.may_read("acme", answer_readers(document)):
                continue
            assert one.may_read("acme", document.readers), "what is taken away holds at once"
            said = self.said[live.version_id]
            assert any(one.may_read("acme", readers) and now < until for readers, until in said)


def test_whatever_is_said_in_whatever_order_an_older_version_is_opened_by_nothing_newer() -> None:
    """Promises 14, 42 and 43: uploads, metadata files, deletions, failures and expiry in any order."""
    run_state_machine_as_test(Versions, settings=settings(max_examples=150, stateful_step_count=20, deadline=None))
