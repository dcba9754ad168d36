from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.fair_share import kept_places, retry_places, turns
from docqa.models.waiting import Waiting

TENANTS = ("a", "b", "c")
WAITING = st.lists(
    st.builds(
        Waiting,
        document_id=st.integers(0, 99).map(str),
        generation=st.just(1),
        tenant=st.sampled_from(TENANTS),
        due=st.integers(0, 20).map(float),
        again=st.booleans(),
    ),
    max_size=30,
    unique_by=lambda one: one.document_id,
)
RUNNING = st.dictionaries(st.sampled_from(TENANTS), st.integers(0, 9))


def test_tenants_take_turns_beginning_with_the_one_that_has_least() -> None:
    """Promise 34: a tenant with thousands waits behind one with a single document."""
    many = [Waiting(f"a{n}", 1, "a", float(n)) for n in range(5)]
    few = [Waiting("b0", 1, "b", 100.0)]
    assert [one.document_id for one in turns([*many, *few], {"a": 3}, 1)][:3] == ["b0", "a0", "a1"]
    assert [one.document_id for one in turns([*many, *few], {}, 1)][:3] == ["a0", "b0", "a1"]


def test_retries_get_a_tenth_of_the_places_while_others_wait_for_their_first_try() -> None:
    """Promise 21: what was tried before never crowds out what was not."""
    fresh = [Waiting(f"f{n}", 1, "a", 50.0 + n) for n in range(3)]
    retries = [Waiting(f"r{n}", 1, "a", float(n), again=True) for n in range(3)]
    order = [one.document_id for one in turns([*fresh, *retries], {}, 1)]
    assert order == ["r0", "f0", "f1", "f2", "r1", "r2"]
    assert [retry_places(capacity) for capacity in (1, 9, 20, 500)] == [1, 1, 2, 50]


def test_one_place_in_ten_is_kept_and_of_three_none() -> None:
    """Promise 34: somebody who comes later finds a place."""
    assert [kept_places(capacity) for capacity in (1, 3, 4, 19, 20, 500)] == [0, 0, 1, 1, 2, 50]


@given(WAITING, RUNNING, st.integers(-3, 5))
def test_everything_that_waits_has_one_turn(waiting: list[Waiting], running: dict[str, int], left: int) -> None:
    """Promise 34: nothing is forgotten, nothing goes twice."""
    order = turns(waiting, running, left)
    assert sorted(order, key=repr) == sorted(waiting, key=repr)
    fresh = sum(not one.again for one in waiting)
    early = [one for one in order[: max(left, 0) + fresh] if one.again]
    assert len(early) <= max(left, 0)


@given(WAITING, RUNNING)
def test_no_tenant_is_ever_more_than_one_ahead_of_another_that_waits(
    waiting: list[Waiting], running: dict[str, int]
) -> None:
    """Promise 34: places are even between the tenants that want them, whatever was running before."""
    fresh = [one for one in waiting if not one.again]
    counts, left = Counter(running), Counter(one.tenant for one in fresh)
    for one in turns(fresh, running, 0):
        waits = [tenant for tenant, count in left.items() if count]
        assert counts[one.tenant] == min(counts[tenant] for tenant in waits)
        counts[one.tenant] += 1
        left[one.tenant] -= 1
