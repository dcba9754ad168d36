"""Which part of a batch of questions is worked on: so many at once, shared among tenants as documents share theirs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from docqa.domain.fair_share import kept_places
from docqa.models.part_places import HeldPlace, PartPlaces, WaitingTenant

# Seconds. Parts take minutes, so that asking every two minutes leaves few places empty; of a tenant's parts that wait
# it is enough that one does. Whoever waits for hours asks ever more seldom: an execution's history has room for some
# two asks of each part.
FIRST_WAIT, USUAL_WAIT, LONGEST_WAIT = 15, 120, 600
LONGER, SLOWLY_LONGER = 2.0, 1.1
# Of a wait, this much more or less: parts that were refused together do not come back together.
JITTER = 0.2
# Seconds. Among tenants with as many places, who has waited so much longer goes first. If a second were enough, each
# end of a part would be a change of hands, and the place empty until the other one asks.
LONGER_BY = 300.0
# Who asks no more within this long of when it said, does not wait any more.
LATE_SECONDS = 60.0


def as_of(places: PartPlaces, now: float) -> PartPlaces:
    """Without what is over."""
    return PartPlaces(
        {part: one for part, one in places.held.items() if one.until > now},
        {tenant: one for tenant, one in places.waiting.items() if one.until > now},
    )


def admits(places: PartPlaces, part: str, tenant: str, capacity: int, now: float) -> bool:
    """Whether the part may be worked on, of at most `capacity` at once.

    One place in ten is kept for tenants that have none (docs/decisions/0055), and nobody gets one more while a tenant
    waits that has fewer (0016). Of those that have as many, the ones that have waited notably longer go first: what is
    free is theirs until they ask again.
    """
    if part in places.held:
        return True
    counts = Counter(one.tenant for one in places.held.values())
    own = counts[tenant]
    room = capacity - len(places.held) - (kept_places(capacity) if own else 0)
    others = {other: one for other, one in places.waiting.items() if other != tenant}
    if any(counts[other] < own for other in others):
        return False
    waits = places.waiting.get(tenant)
    longer = (waits.since if waits else now) - LONGER_BY
    return room > sum(counts[other] == own and one.since < longer for other, one in others.items())


def taken(places: PartPlaces, part: str, tenant: str, until: float) -> PartPlaces:
    """The part is at work, until then at the latest (seconds since the epoch)."""
    others = {name: one for name, one in places.waiting.items() if name != tenant}
    return PartPlaces({**places.held, part: HeldPlace(tenant, until)}, others)


def refused(places: PartPlaces, tenant: str, now: float, asks_again: float) -> PartPlaces:
    """The tenant waits, from now on if it did not before, and asks again then (both seconds since the epoch)."""
    until = asks_again + LATE_SECONDS
    before = places.waiting.get(tenant)
    waits = WaitingTenant(before.since, max(before.until, until)) if before else WaitingTenant(now, until)
    return replace(places, waiting={**places.waiting, tenant: waits})


def freed(places: PartPlaces, part: str, until: float) -> PartPlaces:
    """Who took the place until then works on the part no more; it stays taken by whoever took it again since."""
    kept = {name: one for name, one in places.held.items() if name != part or one.until != until}
    return replace(places, held=kept)


def need_not_hurry(places: PartPlaces, tenant: str, now: float) -> bool:
    """Whether a part of the tenant need not ask soon.

    Another one of its parts is to ask after now (seconds since the epoch), and no tenant will leave more than one place
    to it.
    """
    waits = places.waiting.get(tenant)
    counts = Counter(one.tenant for one in places.held.values())
    another_asks = waits is not None and waits.until - LATE_SECONDS > now
    return another_asks and all(count <= counts[tenant] + 1 for count in counts.values())


def next_wait(waited: int, chance: float, *, has_time: bool) -> int:
    """Seconds until a part asks again that was refused.

    Args:
        waited: How long it waited the last time; 0: it has not.
        chance: Drawn evenly between 0 and 1.
        has_time: It need not ask soon.
    """
    usual = min(USUAL_WAIT, max(FIRST_WAIT, waited * LONGER))
    if waited >= USUAL_WAIT:
        usual = min(LONGEST_WAIT, waited * SLOWLY_LONGER)
    if has_time:
        usual = max(USUAL_WAIT, usual)
    return round(usual * (1 + JITTER * (2 * chance - 1)))
