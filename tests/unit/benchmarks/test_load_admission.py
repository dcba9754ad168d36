"""The simulation's registry answers as the one that passes the contract tests, and its stack does what it says."""

from __future__ import annotations

import random

import pytest

from benchmarks.load.admission import jain, place_seconds, stack_of_defaults
from benchmarks.load.stack_in_memory import StackInMemory
from benchmarks.load.waiting_room import BUCKET, WaitingRoom
from docqa import ids
from docqa.errors import StaleVersionError
from docqa.models.document import DocumentReference, GenerationStatus, StoredObject
from docqa.models.inference import Route
from docqa.ports.documents import Receipt
from tests.fakes.registry import InMemoryDocumentRegistry

NOW = 1_000.0
TENANTS = ("acme", "beta", "zulu")


def receipt(key: str) -> Receipt:
    stored = StoredObject(BUCKET, key, "1", 1)
    return Receipt(stored, key.partition("/")[0], key, frozenset(), {}, "", "1")


class Both:
    """The waiting room and the registry of the unit tests, told the same."""

    def __init__(self, chance: random.Random) -> None:
        self.room, self.registry = WaitingRoom(), InMemoryDocumentRegistry()
        self.running: list[DocumentReference] = []
        self._chance = chance

    def receive(self, key: str, now: float) -> None:
        self.room.receive(key, now)
        self.registry.admit(receipt(key), None, now)

    def claim(self, document_id: str, now: float) -> None:
        mine, theirs = (one.get_generation(document_id, 1) for one in (self.room, self.registry))
        assert mine is not None
        assert theirs is not None
        if theirs.status is not GenerationStatus.RECEIVED:
            with pytest.raises(StaleVersionError):
                self.room.claim_slot(mine, 12, now + 10, now)
            return
        expected = self.registry.claim_slot(theirs, 12, now + 10, now)
        assert self.room.claim_slot(mine, 12, now + 10, now) == expected
        self.running += [expected] if expected else []

    def leave(self, action: str, now: float) -> None:
        """An execution ends in one way or another."""
        if not self.running:
            return
        reference = self.running.pop(self._chance.randrange(len(self.running)))
        if action == "end":
            self.room.publish(reference, now)
            self.registry.publish(reference, 1, now)
        for one in (self.room, self.registry):
            if action == "requeue":
                assert one.requeue(reference, tries=1, due=now + 5)
            elif action == "park":
                assert one.park(reference, now + 50)
            one.release_slot(reference.execution)

    def hasten(self, document_id: str, now: float) -> None:
        assert self.room.hasten(document_id, 1, now) == self.registry.hasten(document_id, 1, now)

    def compare(self, now: float) -> None:
        assert self.room.slots() == self.registry.slots()
        mine, theirs = (
            {(turn.document_id, turn.again, turn.due) for turn in one.waiting(now, 5)[0]}
            for one in (self.room, self.registry)
        )
        assert mine == theirs
        for tenant in TENANTS:
            assert self.room.waiting_of(tenant, now, 9) == self.registry.waiting_of(tenant, now, 9)


def test_the_waiting_room_answers_as_the_registry_of_the_unit_tests_does() -> None:
    chance = random.Random(4)
    both = Both(chance)
    keys = [f"{chance.choice(TENANTS)}/{number}" for number in range(60)]
    for number, key in enumerate(keys):
        both.receive(key, NOW + number)
    for step in range(400):
        now = NOW + 60 + step
        document_id = ids.document_id(BUCKET, chance.choice(keys))
        action = chance.choice(("claim", "claim", "end", "requeue", "park", "hasten"))
        if action == "claim":
            both.claim(document_id, now)
        elif action == "hasten":
            both.hasten(document_id, now)
        else:
            both.leave(action, now)
        both.compare(now)
    assert len(both.room.generations) == len(keys)


def loaded(number: int, passages: int) -> StackInMemory:
    stack = stack_of_defaults()
    for at in range(number):
        stack.drop(f"acme/{at}", passages)
    stack.run()
    return stack


def test_a_few_documents_go_at_once_and_each_is_done_once() -> None:
    stack = loaded(30, 20)

    assert {one.route for one in stack.room.generations.values()} == {Route.REALTIME.value}
    assert set(stack.published.values()) == set(stack.executions.values()) == {1}
    assert stack.peak <= stack.capacity


def test_a_backlog_goes_by_batches_that_hold_no_more_than_a_job_takes() -> None:
    stack = loaded(300, 1_000)

    by_batch = [one for one in stack.room.generations.values() if one.route == Route.BATCH.value]
    assert len(by_batch) > 150
    assert stack.jobs[Route.BATCH] >= -(-len(by_batch) * 1_000 // 100_000)
    assert all(stack.executions[one.document_id] == 2 for one in by_batch)
    assert len(stack.published) == 300


def test_a_long_document_wakes_the_asynchronous_endpoint() -> None:
    stack = loaded(1, 5_000)

    assert stack.jobs == {Route.ASYNCHRONOUS: 1}
    assert stack.executions.total() == 2


def test_fairness_is_an_equal_share_of_places() -> None:
    spans = [("a", 0.0, 10.0), ("a", 5.0, 30.0), ("b", 0.0, 4.0)]

    assert place_seconds(spans, "a", 2.0, 10.0) == 8 + 5
    assert jain([5, 5, 5]) == 1
    assert jain([1, 0, 0, 0]) == 0.25
