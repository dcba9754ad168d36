"""Whose turn it is: tenants share the places, and what was tried before never crowds out what was not."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from docqa.models.waiting import Waiting

# Of the places, one in so many may be held by versions that were tried before while others wait for their first try.
RETRY_SHARE = 10
# And one in so many is kept for tenants of which nothing runs: large documents run for hours, and no turn helps whoever
# comes when all places are taken by them.
KEPT_SHARE = 10
# With fewer places than this none is kept: it would be a third of them or more.
FEWEST_TO_KEEP_FROM = 4


def retry_places(capacity: int) -> int:
    """Places that retries may hold while others wait: a tenth, at least one."""
    return max(1, capacity // RETRY_SHARE)


def kept_places(capacity: int) -> int:
    """Places that only tenants get of which nothing runs: a tenth, at least one; of fewer than four none."""
    return max(1, capacity // KEPT_SHARE) if capacity >= FEWEST_TO_KEEP_FROM else 0


def turns(waiting: Iterable[Waiting], running: Mapping[str, int], retries_left: int) -> list[Waiting]:
    """Everything that waits, in the order in which it should be started.

    Args:
        waiting: Of each tenant at least as many as could be started now, first tries and retries.
        running: Executions of each tenant that hold a place.
        retries_left: How many retries may go first; the other ones come after all first tries.
    """
    found = list(waiting)
    counts = Counter(running)
    again = list(by_tenant((one for one in found if one.again), counts))
    first = again[: max(retries_left, 0)]
    counts.update(one.tenant for one in first)
    return [*first, *by_tenant((one for one in found if not one.again), counts), *again[len(first) :]]


def by_tenant(waiting: Iterable[Waiting], running: Mapping[str, int]) -> Iterator[Waiting]:
    """One after the other from the tenant with the fewest executions; among equals the longest waiting goes first."""
    lines: dict[str, list[Waiting]] = defaultdict(list)
    for one in sorted(waiting, key=lambda one: (one.due, one.document_id), reverse=True):
        lines[one.tenant].append(one)
    heap = [(running.get(tenant, 0), line[-1].due, tenant) for tenant, line in lines.items()]
    heapq.heapify(heap)
    while heap:
        count, _, tenant = heapq.heappop(heap)
        yield lines[tenant].pop()
        if lines[tenant]:
            heapq.heappush(heap, (count + 1, lines[tenant][-1].due, tenant))
