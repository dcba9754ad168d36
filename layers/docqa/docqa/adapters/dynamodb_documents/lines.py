"""What waits and what runs, in order: the index `by_turn`.

| work_state | work_order | who |
|---|---|---|
| `WAITING` | `<tenant>/<due>` | versions that wait for their first try |
| `WAITING_AGAIN` | `<tenant>/<due>` | versions that were tried before |
| `RUNNING` | `<deadline>` | versions whose execution was given a place |

A tenant has no slash, so its line is one stretch of the order, and the next line begins after `<tenant>0` ("0" follows
"/"). That is how the heads of all lines are read without the versions behind them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from docqa.adapters.dynamodb_documents.expressions import Item
from docqa.adapters.dynamodb_documents.items import AGAIN, RUNNING, WAITING, generation_of, line_of, moment
from docqa.adapters.dynamodb_documents.reads import DocumentReads
from docqa.models.document import Generation, GenerationStatus
from docqa.models.waiting import Waiting

BY_TURN = "by_turn"

# One page of keys is a tenth of what one query may return, and holds the heads of many short lines.
PAGE = 100
# Some milliseconds each: a dispatcher that has seen so many pages starts what it has found, and goes on next time.
PAGES_MAX = 200


class LineReads(DocumentReads):
    """The part of `ports.DocumentRegistry` that says what waits and what is late."""

    def waiting(self, now: float, limit: int, after: str = "") -> tuple[list[Waiting], str | None]:
        """The first `limit` of each tenant's line that are due, and the tenant after whom to go on."""
        first, stopped = self._heads(WAITING, now, limit, after)
        again, stopped_again = self._heads(AGAIN, now, limit, after)
        stops = [tenant for tenant in (stopped, stopped_again) if tenant is not None]
        return [*first, *again], min(stops, key=_end_of) if stops else None

    def place_in_line(self, generation: Generation, limit: int) -> int:
        """How many of its tenant's versions have their turn no later, itself included; `limit` when there are more."""
        again = generation.tries > 0
        own = line_of(generation.tenant, generation.due)
        count = self._count(AGAIN if again else WAITING, generation.tenant, own, limit)
        if again:
            count += self._count(WAITING, generation.tenant, line_of(generation.tenant, float("inf")), limit)
        return min(max(count, 1), limit)

    def waiting_of(self, tenant: str, now: float, limit: int) -> int:
        """How many of the tenant's versions wait for their first try and are due."""
        return min(self._count(WAITING, tenant, line_of(tenant, now), limit), limit)

    def overdue(self, now: float, limit: int) -> list[Generation]:
        """PROCESSING generations whose deadline has passed."""
        keys, _ = self._table.query(
            "#work_state = :state AND #work_order <= :now",
            {"state": RUNNING, "now": moment(now)},
            IndexName=BY_TURN,
            Limit=limit,
        )
        items = self._table.get_many([(key["document_id"], key["item"]) for key in keys])
        found = [generation_of(item) for item in items]
        late = (one for one in found if one.status is GenerationStatus.PROCESSING and one.deadline <= now)
        return sorted(late, key=lambda one: one.deadline)

    def _heads(self, state: str, now: float, limit: int, after: str) -> tuple[list[Waiting], str | None]:
        found: list[Waiting] = []
        heads: Counter[str] = Counter()
        start, options = _end_of(after) if after else " ", dict[str, Any]()
        tail = after
        for _ in range(PAGES_MAX):
            keys, last = self._table.query(
                "#work_state = :state AND #work_order >= :start",
                {"state": state, "start": start},
                IndexName=BY_TURN,
                Limit=PAGE,
                **options,
            )
            for key in keys:
                tail, due = _turn(key)
                if due <= now and heads[tail] < limit:
                    found.append(_waiting(key, tail, due))
                heads[tail] += 1 if due <= now else limit
            if last is None:
                return found, None
            if heads[tail] >= limit:
                start, options = _end_of(tail), {}
            else:
                options = {"ExclusiveStartKey": _start(last)}
        return found, tail

    def _count(self, state: str, tenant: str, until: str, limit: int) -> int:
        return self._table.count(
            "#work_state = :state AND #work_order BETWEEN :first AND :until",
            {"state": state, "first": f"{tenant}/", "until": until},
            IndexName=BY_TURN,
            Limit=limit,
        )


def _end_of(tenant: str) -> str:
    """Where the next line begins at the earliest."""
    return f"{tenant}0"


def _turn(key: Item) -> tuple[str, float]:
    tenant, _, due = key["work_order"].rpartition("/")
    return tenant, float(due)


def _waiting(key: Item, tenant: str, due: float) -> Waiting:
    number = int(key["item"].rpartition("#")[2])
    return Waiting(key["document_id"], number, tenant, due, again=key["work_state"] == AGAIN)


def _start(last: Item) -> dict[str, Any]:
    return {name: {"S": last[name]} for name in ("document_id", "item", "work_state", "work_order")}
