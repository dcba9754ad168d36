"""Parts of batches of several tenants share the places, whatever came first."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

import pytest

from docqa.domain.part_places import (
    FIRST_WAIT,
    LATE_SECONDS,
    LONGER_BY,
    LONGEST_WAIT,
    USUAL_WAIT,
    admits,
    as_of,
    freed,
    need_not_hurry,
    next_wait,
    refused,
    taken,
)
from docqa.errors import ConcurrentUpdateError, ThrottledError
from docqa.models.batch import Batch, BatchStatus
from docqa.models.part_places import HeldPlace, PartPlaces, WaitingTenant
from docqa.ports.batches import PartPlaceStore
from docqa.services.batches.turns import AGAIN, HELD_SECONDS, PartTurns
from tests.fakes.batches import InMemoryBatchRegistry, InMemoryPartPlaces
from tests.fakes.messages import ManualClock

CAPACITY = 8
# Of each batch, as in the state machine.
AT_ONCE = 4
# What a part of fifty questions takes.
SECONDS = 90.0
# And what an execution takes from one part to its next.
BETWEEN = 0.2


def held(*tenants: str) -> PartPlaces:
    return PartPlaces({f"{tenant}#{number}": HeldPlace(tenant, 1e9) for number, tenant in enumerate(tenants)})


NOW = 1_000.0
BATCH = Batch("b", "acme", "ana", frozenset(), BatchStatus.RUNNING, 1.0, 9e9)


def admitted(places: PartPlaces, part: str, tenant: str, capacity: int = CAPACITY) -> bool:
    return admits(places, part, tenant, capacity, NOW)


def waiting(places: PartPlaces, tenant: str, since: float = NOW - 1.0) -> PartPlaces:
    """It asks again at NOW."""
    return refused(places, tenant, since, NOW)


class TestWhoIsAdmitted:
    def test_a_tenant_alone_leaves_one_place_for_whoever_comes(self) -> None:
        assert admitted(held(*["large"] * 6), "large#6", "large")
        seven = held(*["large"] * 7)
        assert not admitted(seven, "large#7", "large")
        assert admitted(seven, "small#0", "small")

    def test_nobody_gets_one_more_while_a_tenant_waits_that_has_fewer(self) -> None:
        places = waiting(held("large", "large", "small"), "small")
        assert not admitted(places, "large#2", "large")
        assert admitted(places, "small#3", "small")
        assert admitted(waiting(held("large", "small"), "small"), "large#2", "large")

    def test_among_equals_who_waited_longer_goes_first(self) -> None:
        places = waiting(held(*["other"] * 7), "small", NOW - LONGER_BY - 1.0)
        assert not admitted(places, "large#1", "large"), "its last part has just ended"
        assert admitted(places, "small#0", "small")
        assert not admitted(waiting(places, "large", NOW - 0.5), "large#1", "large")
        assert admitted(waiting(places, "large", NOW - 2.0), "large#1", "large"), "it has waited nearly as long"
        assert admitted(waiting(held(*["other"] * 7), "small", NOW - LONGER_BY), "large#1", "large"), "or nearly so"

    def test_what_those_who_waited_longer_leave_is_for_others(self) -> None:
        places = waiting(held(*["other"] * 6), "small", NOW - LONGER_BY - 1.0)
        assert admitted(places, "large#1", "large")
        assert not admitted(waiting(places, "second", NOW - LONGER_BY - 2.0), "large#1", "large")

    def test_who_waits_does_so_since_it_was_refused_first(self) -> None:
        places = refused(refused(PartPlaces(), "small", 100.0, 700.0), "small", 150.0, 200.0)
        assert places.waiting == {"small": WaitingTenant(100.0, 700.0 + LATE_SECONDS)}
        served = taken(places, "small#0", "small", 1e9)
        assert refused(served, "small", 300.0, 400.0).waiting["small"].since == 300.0

    def test_who_has_a_place_waits_no_longer(self) -> None:
        places = waiting(held("large", "large"), "small")
        assert admitted(taken(taken(places, "small#0", "small", 1e9), "small#1", "small", 1e9), "b#0", "large")

    def test_who_does_not_ask_again_waits_no_longer(self) -> None:
        places = waiting(held("large", "large"), "small")
        assert not admitted(as_of(places, NOW), "large#2", "large")
        assert admitted(as_of(places, NOW + LATE_SECONDS), "large#2", "large")

    def test_a_part_keeps_its_place_until_its_time_is_over(self) -> None:
        full = held(*["large"] * 8)
        assert admitted(full, "large#3", "large"), "its step was killed and is run again"
        assert not admitted(full, "other#0", "other")
        assert admitted(as_of(full, 1e9), "other#0", "other")
        assert admitted(freed(full, "large#3", 1e9), "other#0", "other")
        assert not admitted(freed(full, "large#3", 1e9 - 60.0), "other#0", "other"), "who took it before frees it not"

    def test_one_place_serves_everybody_in_turn(self) -> None:
        assert admitted(PartPlaces(), "a#0", "a", 1)
        assert not admitted(held("a"), "b#0", "b", 1)


class TestWaits:
    def test_they_grow_and_are_bounded(self) -> None:
        waits = [0]
        while waits[-1] < LONGEST_WAIT:
            waits.append(next_wait(waits[-1], 0.5, has_time=False))
        assert waits[1] == FIRST_WAIT
        assert waits == sorted(set(waits))
        assert next_wait(LONGEST_WAIT, 0.5, has_time=False) == LONGEST_WAIT

    @pytest.mark.parametrize("waited", [0, FIRST_WAIT, LONGEST_WAIT])
    def test_no_two_are_sure_to_be_alike(self, waited: int) -> None:
        usual = next_wait(waited, 0.5, has_time=False)
        assert next_wait(waited, 0.0, has_time=False) == round(0.8 * usual)
        assert next_wait(waited, 1.0, has_time=False) == round(1.2 * usual)

    def test_of_a_tenants_parts_one_asks_often(self) -> None:
        places = refused(held("large"), "small", 100.0, 130.0)
        assert need_not_hurry(places, "small", 129.0)
        assert not need_not_hurry(places, "small", 130.0), "that is the one that asks now"
        assert not need_not_hurry(places, "other", 129.0)
        assert next_wait(0, 0.5, has_time=True) == USUAL_WAIT
        assert next_wait(2 * USUAL_WAIT, 0.5, has_time=True) > 2 * USUAL_WAIT

    def test_all_of_its_parts_do_where_another_tenant_leaves_it_several_places(self) -> None:
        places = refused(held("large", "large"), "small", 100.0, 130.0)
        assert not need_not_hurry(places, "small", 129.0)
        assert need_not_hurry(taken(places, "small#0", "small", 1e9), "large", 129.0) is False


@dataclass
class Plant:
    """Executions of batches on a clock: each works on four of its parts, and asks for the turn of each."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(1_000_000.0))
    registry: InMemoryBatchRegistry = field(default_factory=InMemoryBatchRegistry)
    ended: dict[str, float] = field(default_factory=dict)
    at_work: Counter[str] = field(default_factory=Counter)
    most: int = 0
    waits: Counter[str] = field(default_factory=Counter)
    capacity: int = CAPACITY
    pauses: list[float] = field(default_factory=list)
    random: Random = field(default_factory=lambda: Random(1))
    not_freed: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.turns = self.with_places(InMemoryPartPlaces(), self.capacity)

    def with_places(self, places: PartPlaceStore, capacity: int) -> PartTurns:
        return PartTurns(
            self.registry, places, capacity, self.clock, self.pauses.append, self.random.random, self.not_freed.append
        )

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
            yield BETWEEN


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


LARGE_TENANTS = [(f"large-{n}", f"large-{n}", 100, 11.0 * n) for n in range(8)]


@pytest.mark.parametrize(
    ("capacity", "large"),
    [(8, LARGE_TENANTS), (1, LARGE_TENANTS[:1]), (1, LARGE_TENANTS[:3])],
    ids=["as many tenants as places", "one place, two tenants", "one place, four tenants"],
)
def test_tenants_take_turns_though_there_are_as_many_as_places(
    capacity: int, large: list[tuple[str, str, int, float]]
) -> None:
    """Promise 34: a tenant whose part ends has none for a moment, and its next part asks at once."""
    plant = Plant(capacity=capacity)
    began = plant.clock.now()

    plant.run([*large, ("small", "small", 4, 500.0)])

    # Each of its parts waits so much longer than the large ones, then for those who did so too, and for its next ask.
    a_part = 300.0 + (1 + len(large) / capacity) * SECONDS + 1.2 * USUAL_WAIT
    assert plant.ended["small"] - began - 500.0 < 4 * a_part
    assert plant.most <= capacity
    ends = [plant.ended[name] - began for name, *_ in large]
    assert min(ends) > 0.8 * max(ends), "nor do the large ones wait for one another's end"
    parts = sum(parts for _, _, parts, _ in large)
    assert max(ends) < 1.4 * parts * SECONDS / capacity, "places hardly stand empty"


def test_many_tenants_that_come_at_once_leave_few_places_empty() -> None:
    plant = Plant()
    began = plant.clock.now()

    plant.run([(f"batch-{n}", f"tenant-{n}", 10, 0.0) for n in range(16)])

    assert plant.most == CAPACITY
    assert max(plant.ended.values()) - began < 1.3 * 160 * SECONDS / CAPACITY


def test_the_place_of_who_died_is_free_when_its_function_must_be_over() -> None:
    plant = Plant()
    plant.registry.create(BATCH)
    turns = plant.with_places(InMemoryPartPlaces(), 1)
    dying = turns.turn("b", 0, 0)
    assert dying.__enter__() == 0  # and never leaves

    with turns.turn("b", 1, 0) as wait:
        assert 0.8 * FIRST_WAIT <= wait <= 1.2 * FIRST_WAIT
    with turns.turn("b", 1, wait) as wait:
        assert wait > 1.2 * FIRST_WAIT
    plant.clock.time += HELD_SECONDS
    with turns.turn("b", 1, wait) as wait:
        assert wait == 0


def test_a_place_is_given_back_by_who_fails() -> None:
    plant = Plant()
    plant.registry.create(BATCH)
    turns = plant.with_places(InMemoryPartPlaces(), 1)

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
    plant.registry.create(BATCH)
    turns = plant.with_places(Contended(), 1)

    with pytest.raises(ConcurrentUpdateError), turns.turn("b", 0, 0):
        raise AssertionError("it has no place")


class TestPlacesThatManyChange:
    def test_who_comes_second_pauses_ever_longer(self) -> None:
        class Busy(InMemoryPartPlaces):
            refusals: int = 5

            def write(self, places: PartPlaces, version: int) -> bool:
                if self.refusals:
                    self.refusals -= 1
                    return False
                return super().write(places, version)

        plant = Plant()
        plant.registry.create(BATCH)
        with plant.with_places(Busy(), 1).turn("b", 0, 0) as wait:
            assert wait == 0
        assert len(plant.pauses) == 5
        assert all(0.0 <= pause <= 0.05 * 2**n for n, pause in enumerate(plant.pauses))
        assert len(set(plant.pauses)) == 5

    def test_many_that_ask_at_once_are_all_told(self) -> None:
        """Each round trip lets one through; the others read again after a pause of their own."""
        plant = Plant()
        plant.registry.create(BATCH)
        moments: list[tuple[float, int, object]] = []
        clock, places, numbers = plant.clock, InMemoryPartPlaces(), count(64)
        told: Counter[bool] = Counter()

        def asking(part: int) -> Iterator[float]:
            chance = Random(part)
            for attempt in range(1, AGAIN.attempts + 1):
                known, version = places.read()
                yield 0.01
                if places.write(refused(known, f"tenant-{part}", clock.now(), 1e9), version):
                    told[True] += 1
                    return
                yield AGAIN.pause(attempt, chance.random())
            told[False] += 1

        for part in range(64):
            heapq.heappush(moments, (clock.now() + 0.2 * part / 64, part, asking(part)))
        while moments:
            clock.time, _, one = heapq.heappop(moments)
            pause = next(one, None)  # type: ignore[call-overload]
            if pause is not None:
                heapq.heappush(moments, (clock.now() + pause, next(numbers), one))
        assert told == {True: 64}

    def test_finished_work_does_not_fail_for_a_place_that_cannot_be_given_back(self) -> None:
        class Stuck(InMemoryPartPlaces):
            def write(self, places: PartPlaces, version: int) -> bool:
                return version == 0 and super().write(places, version)

        plant = Plant()
        plant.registry.create(BATCH)
        turns = plant.with_places(Stuck(), 1)

        with turns.turn("b", 0, 0) as wait:
            assert wait == 0

        (told,) = plant.not_freed
        assert isinstance(told, ConcurrentUpdateError)


def test_a_late_call_does_not_give_its_retrys_place_away() -> None:
    plant = Plant()
    plant.registry.create(BATCH)
    turns = plant.with_places(InMemoryPartPlaces(), 1)
    late = turns.turn("b", 0, 0)
    assert late.__enter__() == 0
    plant.clock.time += 910.0
    retry = turns.turn("b", 0, 0)
    assert retry.__enter__() == 0

    late.__exit__(None, None, None)

    with turns.turn("b", 1, 0) as wait:
        assert wait
    retry.__exit__(None, None, None)
    with turns.turn("b", 1, wait) as wait:
        assert not wait


def test_an_execution_that_knows_of_no_waits_is_throttled() -> None:
    """Its definition is the one before parts took turns: what is refused without an error asks again at once."""
    plant = Plant()
    plant.registry.create(BATCH)
    places = InMemoryPartPlaces()
    turns = plant.with_places(places, 1)
    with turns.turn("b", 0, None) as wait:
        assert wait == 0, "where there is room it goes on"
        with pytest.raises(ThrottledError), turns.turn("b", 1, None):
            raise AssertionError("it has no place")
        assert list(places.read()[0].held) == ["b#0"]
        assert list(places.read()[0].waiting) == ["acme"], "it takes part in turns all the same"
