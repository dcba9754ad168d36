"""Which part of a batch of questions is worked on: so many at once, shared among tenants as documents share theirs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from docqa.domain.fair_share import kept_places
from docqa.models.part_places import HeldPlace, PartPlaces

# Seconds. Parts take minutes, so that asking every two minutes leaves few places empty; whoever waits for hours asks
# ever more seldom: an execution's history has room for some two hundred asks of each part in a day.
FIRST_WAIT, USUAL_WAIT, LONGEST_WAIT = 15, 120, 600
LONGER, SLOWLY_LONGER = 1.5, 1.02
# Who asks no more within this long of when it said, does not wait any more.
LATE_SECONDS = 60.0


def as_of(places: PartPlaces, now: float) -> PartPlaces:
    """Without what is over."""
    return PartPlaces(
        {part: one for part, one in places.held.items() if one.until > now},
        {tenant: until for tenant, until in places.waiting.items() if until > now},
    )


def admits(places: PartPlaces, part: str, tenant: str, capacity: int) -> bool:
    """Whether the part may be worked on, of at most `capacity` at once.

    One place in ten is kept for tenants that have none (docs/decisions/0055), and nobody gets one more while a tenant
    waits that has fewer (0016).
    """
    if part in places.held:
        return True
    counts = Counter(one.tenant for one in places.held.values())
    own = counts[tenant]
    room = capacity - len(places.held) - (kept_places(capacity) if own else 0)
    return room > 0 and all(counts[other] >= own for other in places.waiting if other != tenant)


def taken(places: PartPlaces, part: str, tenant: str, until: float) -> PartPlaces:
    """The part is at work, until then at the latest (seconds since the epoch)."""
    others = {name: when for name, when in places.waiting.items() if name != tenant}
    return PartPlaces({**places.held, part: HeldPlace(tenant, until)}, others)


def refused(places: PartPlaces, tenant: str, asks_again: float) -> PartPlaces:
    """The tenant waits, and asks again then (seconds since the epoch)."""
    until = max(asks_again + LATE_SECONDS, places.waiting.get(tenant, 0.0))
    return replace(places, waiting={**places.waiting, tenant: until})


def freed(places: PartPlaces, part: str) -> PartPlaces:
    """Nobody works on the part."""
    return replace(places, held={name: one for name, one in places.held.items() if name != part})


def next_wait(waited: int) -> int:
    """Seconds until a part asks again that has waited so long the last time; 0: it has not waited."""
    if waited < USUAL_WAIT:
        return min(USUAL_WAIT, max(FIRST_WAIT, round(waited * LONGER)))
    return min(LONGEST_WAIT, round(waited * SLOWLY_LONGER))
