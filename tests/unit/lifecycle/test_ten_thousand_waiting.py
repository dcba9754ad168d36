"""A bulk load of another size: what waits is in the registry, and nothing but the cap says how much runs."""

from __future__ import annotations

from docqa.domain.fair_share import kept_places
from docqa.models.document import DocumentReference
from tests.unit.lifecycle.simulation import Script, World

WAITING, CAPACITY, SECONDS = 10_000, 20, 20.0
OPEN = CAPACITY - kept_places(CAPACITY)


def test_with_ten_thousand_waiting_the_cap_holds_and_every_place_is_used() -> None:
    """Promise 34: with 10,000 waiting documents the cap holds, and another tenant's does not wait."""

    def script(_: DocumentReference) -> Script:
        yield SECONDS

    world = World(CAPACITY, script)
    for number in range(WAITING):
        world.life.drop(f"many/d{number:05d}.pdf")
    start = world.now
    world.dispatch()
    # When five rounds of them have run, and one document of somebody else came after all of them
    world.run(start + SECONDS)
    world.life.drop("few/only.pdf")
    asked = world.now
    world.dispatch()
    at_once = len(world.life.registry.slots())
    world.run(start + 5 * SECONDS)
    # Then as many ran as there are places for one tenant, all the time, and the other one got its place at once
    assert (world.peak, at_once) == (OPEN, OPEN + 1)
    assert len(world.executions.starts) >= 5 * OPEN - 1
    assert min(moment for moment, one in world.executions.starts if one.tenant == "few") == asked
    assert sum(one.status == "RECEIVED" for one in world.life.registry.documents.values()) > WAITING - 6 * CAPACITY
