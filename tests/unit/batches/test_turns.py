"""Parts of batches of several tenants share the places, whatever came first."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import pytest

from docqa.domain.part_places import (
    FIRST_WAIT,
    LATE_SECONDS,
    LONGEST_WAIT,
    admits,
    as_of,
    freed,
    next_wait,
    refused,
    taken,
)
from docqa.errors import ConcurrentUpdateError
from docqa.models.batch import Batch, BatchStatus
from docqa.models.part_places import HeldPlace, PartPlaces
from docqa.services.batches.turns import HELD_SECONDS, PartTurns
from tests.fakes.batches import InMemoryBatchRegistry, InMemoryPartPlaces
from tests.fakes.messages import ManualClock

CAPACITY = 8
# Of each batch, as in the state machine.
AT_ONCE = 4
# What a part of fifty questions takes.
SECONDS = 90.0


def held(*tenants: str) -> PartPlaces:
    return PartPlaces({f"{tenant}#{number}": HeldPlace(tenant, 1e9) for number, tenant in enumerate(tenants)})


class TestWhoIsAdmitted:
    def test_a_tenant_alone_leaves_one_place_for_whoever_comes(self) -> None:
        assert admits(held(*["large"] * 6), "large#6", "large", CAPACITY)
        seven = held(*["large"] * 7)
        assert not admits(seven, "large#7", "large", CAPACITY)
        assert admits(seven, "small#0", "small", CAPACITY)

    def test_nobody_gets_one_more_while_a_tenant_waits_that_has_fewer(self) -> None:
        places = refused(held("large", "large", "small"), "small", 100.0)
        assert not admits(places, "large#2", "large", CAPACITY)
        assert admits(places, "small#3", "small", CAPACITY)
        assert admits(refused(held("large", "small"), "small", 100.0), "large#2", "large", CAPACITY)

    def test_who_has_a_place_waits_no_longer(self) -> None:
        places = refused(held("large", "large"), "small", 100.0)
        assert admits(taken(taken(places, "small#0", "small", 1e9), "small#1", "small", 1e9), "b#0", "large", CAPACITY)

    def test_who_does_not_ask_again_waits_no_longer(self) -> None:
        places = refused(held("large", "large"), "small", 100.0)
        assert not admits(as_of(places, 100.0), "large#2", "large", CAPACITY)
        assert admits(as_of(places, 100.0 + LATE_SECONDS), "large#2", "large", CAPACITY)

    def test_a_part_keeps_its_place_until_its_time_is_over(self) -> None:
        full = held(*["large"] * 8)
        assert admits(full, "large#3", "large", CAPACITY), "its step was killed and is run again"
        assert not admits(full, "other#0", "other", CAPACITY)
        assert admits(as_of(full, 1e9), "other#0", "other", CAPACITY)
        assert admits(freed(full, "large#3"), "other#0", "other", CAPACITY)

    def test_one_place_serves_everybody_in_turn(self) -> None:
        assert admits(PartPlaces(), "a#0", "a", 1)
        assert not admits(held("a"), "b#0", "b", 1)

    def test_waits_grow_and_are_bounded(self) -> None:
        waits = [0]
        while waits[-1] < LONGEST_WAIT:
            waits.append(next_wait(waits[-1]))
        assert waits[1] == FIRST_WAIT
        assert waits == sorted(set(waits))
        assert next_wait(LONGEST_WAIT) == LONGEST_WAIT


@dataclass
class Plant:
    """Executions of batches on a clock: each works on four of its parts, and asks for the turn of each."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(1_000_000.0))
    registry: InMemoryBatchRegistry = field(default_factory=InMemoryBatchRegistry)
    ended: dict[str, float] = field(default_factory=dict)
    at_work: Counter[str] = field(default_factory=Counter)
    most: int = 0
    waits: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.turns = PartTurns(self.registry, InMemoryPartPlaces(), CAPACITY, self.clock)

    def run(self, batches: Sequence[tuple[str, str, int, float]]) -> None:
        """Batches as (name, tenant, parts, seconds after the beginning); `ended` says when each one did."""
        numbers, began = count(), self.clock.now()
        events: list[tuple[float, int, object]] = []
        left = {}
        for name, tenant, parts, after in batches:
            self.registry.create(Batch(name, tenant, "ana", frozenset(), BatchStatus.RUNNING, began, 9e9))
            left[name] = parts
            queue = iter(range(parts))
            for _ in range(min(AT_ONCE, parts)):
                heapq.heappush(events, (began + after, next(numbers), self._slot(name, tenant, queue)))
        while events:
            self.clock.time, _, slot = heapq.heappop(events)
            pause = next(slot, None)  # type: ignore[call-overload]
            if pause is not None:
                heapq.heappush(events, (self.clock.now() + pause, next(numbers), slot))

    def _slot(self, name: str, tenant: str, queue):  # type: ignore[no-untyped-def]
        for part in queue:
            waited = 0
            while True:
                with self.turns.turn(name, part, waited) as wait:
                    if not wait:
                        self.at_work[tenant] += 1
                        self.most = max(self.most, self.at_work.total())
                        yield SECONDS
                        self.at_work[tenant] -= 1
                        self.ended[name] = self.clock.now()
                        break
                waited = wait
                self.waits[tenant] += 1
                yield wait


def test_a_small_batch_does_not_wait_for_the_end_of_large_ones() -> None:
    """Promise 34: two batches of 5,000 questions hold what they may when another tenant comes with 200."""
    plant = Plant()
    began = plant.clock.now()

    plant.run([("large-1", "large", 100, 0.0), ("large-2", "large", 100, 0.0), ("small", "small", 4, 1_000.0)])

    small = plant.ended["small"] - began - 1_000.0
    assert small < 4 * SECONDS, "at worst it works on one part after the other, beginning at once"
    assert plant.ended["large-2"] - began > 2_000.0
    assert plant.most <= CAPACITY


def test_tenants_with_many_parts_each_end_with_equal_shares() -> None:
    plant = Plant()
    began = plant.clock.now()

    plant.run([(f"first-{n}", "first", 40, 0.0) for n in range(4)] + [("second", "second", 40, 500.0)])

    assert plant.ended["second"] - began - 500.0 < 1.6 * 10 * SECONDS, "alone, four at a time, it takes ten rounds"
    assert max(plant.ended.values()) - began < 1.3 * 200 * SECONDS / CAPACITY, "places hardly stand empty"


def test_many_tenants_that_come_at_once_leave_few_places_empty() -> None:
    plant = Plant()
    began = plant.clock.now()

    plant.run([(f"batch-{n}", f"tenant-{n}", 10, 0.0) for n in range(16)])

    assert plant.most == CAPACITY
    assert max(plant.ended.values()) - began < 1.3 * 160 * SECONDS / CAPACITY


def test_the_place_of_who_died_is_free_when_its_function_must_be_over() -> None:
    plant = Plant()
    plant.registry.create(Batch("b", "acme", "ana", frozenset(), BatchStatus.RUNNING, 1.0, 9e9))
    turns = PartTurns(plant.registry, InMemoryPartPlaces(), 1, plant.clock)
    dying = turns.turn("b", 0, 0)
    assert dying.__enter__() == 0  # and never leaves

    with turns.turn("b", 1, 0) as wait:
        assert wait == FIRST_WAIT
    with turns.turn("b", 1, wait) as wait:
        assert wait > FIRST_WAIT
    plant.clock.time += HELD_SECONDS
    with turns.turn("b", 1, wait) as wait:
        assert wait == 0


def test_a_place_is_given_back_by_who_fails() -> None:
    plant = Plant()
    plant.registry.create(Batch("b", "acme", "ana", frozenset(), BatchStatus.RUNNING, 1.0, 9e9))
    turns = PartTurns(plant.registry, InMemoryPartPlaces(), 1, plant.clock)

    with pytest.raises(ValueError, match="broken"), turns.turn("b", 0, 0):
        raise ValueError("broken")

    with turns.turn("b", 1, 0) as wait:
        assert wait == 0


def test_places_that_others_keep_changing_are_asked_for_later() -> None:
    class Contended(InMemoryPartPlaces):
        def write(self, places: PartPlaces, version: int) -> bool:
            self.version += 1
            return super().write(places, version)

    plant = Plant()
    plant.registry.create(Batch("b", "acme", "ana", frozenset(), BatchStatus.RUNNING, 1.0, 9e9))
    turns = PartTurns(plant.registry, Contended(), 1, plant.clock)

    with pytest.raises(ConcurrentUpdateError), turns.turn("b", 0, 0):
        raise AssertionError("it has no place")
