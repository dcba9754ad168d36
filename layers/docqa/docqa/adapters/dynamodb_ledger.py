"""Implements `ports.SpendingLedger`: a table with the keys `owner` and `entry`.

| owner | entry | what it is |
|---|---|---|
| `tenant#<tenant>` | `2026-11-28#07` | a part of a day: sums by kind (`nano_chat`) and of units (`n_input_tokens`) |
| `tenant#<tenant>` | `budget` | a budget of the tenant's own; without `usd`: no limit |
| `charge#<hash of tenant and key>` | `charge` | that this charge was added; dropped by time to live |
| `tenants` | `<tenant>` | who there is |

A charge is one transaction of its mark and a sum. Transactions that write the same item at the same time refuse each
other, so a day has several parts, one of which the key chooses. They, and the budget behind them, are read by one
query.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_documents.expressions import names_of, plain, wire, wire_values
from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.domain.budgets import day_of
from docqa.errors import ConcurrentUpdateError
from docqa.ids import content_id
from docqa.models.spending import BudgetOverride, Charge, DaySpending, TenantAccount

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A hundred charges a second, ten milliseconds each, meet in one of sixteen parts about six times in a hundred.
PARTS = 16
ROUNDS = 5
# A dead-letter queue keeps messages for 14 days, after 4 in their own: what repeats a charge comes sooner than this.
CHARGE_KEPT_SECONDS = 30 * 24 * 3600
DAY_KEPT_SECONDS = 400 * 24 * 3600
# Amounts are kept as whole billionths of a dollar, which add up exactly; the cheapest token costs twenty of them.
_NANO = 1e9

_BUDGET, _CHARGE, _TENANTS = "budget", "charge", "tenants"
_USD, _UNITS = "nano_", "n_"


class DynamoDBSpendingLedger:
    """Sums in DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._listed: set[str] = set()

    def add(self, tenant: str, key: str, charge: Charge, now: float) -> bool:
        """Add a charge to one part of its day, together with the mark that it was added."""
        self._list(tenant)
        name = content_id("charge", tenant, key)
        part = f"{day_of(now)}#{int(name, 16) % PARTS:02d}"
        writes = [self._mark(name, now), self._sum(tenant, part, charge, now)]
        for _ in range(ROUNDS):
            try:
                with dynamodb_faults():
                    self._client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type]
            except ConditionFailedError:
                return False
            except ConcurrentUpdateError:
                continue
            return True
        raise ConcurrentUpdateError(f"others keep adding to {part} of the same tenant")

    def _mark(self, name: str, now: float) -> dict[str, Any]:
        item = {"owner": f"{_CHARGE}#{name}", "entry": _CHARGE, "expires_at": int(now) + CHARGE_KEPT_SECONDS}
        return {
            "Put": {
                "TableName": self._table,
                "Item": wire(item),
                "ConditionExpression": "attribute_not_exists(#owner)",
                "ExpressionAttributeNames": {"#owner": "owner"},
            }
        }

    def _sum(self, tenant: str, part: str, charge: Charge, now: float) -> dict[str, Any]:
        sums = {
            **{_USD + kind.value: round(usd * _NANO) for kind, usd in charge.usd.items()},
            **{_UNITS + unit: count for unit, count in charge.units.items()},
        }
        update = f"ADD {', '.join(f'#{name} :{name}' for name in sums)} SET #expires_at = :expires"
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(_account(tenant), part),
                "UpdateExpression": update,
                "ExpressionAttributeNames": names_of(update),
                "ExpressionAttributeValues": wire_values({**sums, "expires": int(now) + DAY_KEPT_SECONDS}),
            }
        }

    def account(self, tenant: str, first: str) -> TenantAccount:
        """The parts of every day since, added up, and the tenant's own budget, which sorts behind all days."""
        days: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        override: BudgetOverride | None = None
        for item in self._query(_account(tenant), first):
            if item["entry"] == _BUDGET:
                override = BudgetOverride(float(item["usd"]) if "usd" in item else None)
            else:
                days[item["entry"].partition("#")[0]].append(item)
        return TenantAccount(tuple(_day(day, days[day]) for day in sorted(days, reverse=True)), override)

    def tenants(self) -> list[str]:
        """Everybody who is listed."""
        return sorted(item["entry"] for item in self._query(_TENANTS, " "))

    def set_budget(self, tenant: str, override: BudgetOverride | None) -> None:
        """Write or delete the budget's item."""
        self._list(tenant)
        with dynamodb_faults():
            if override is None:
                self._client.delete_item(TableName=self._table, Key=_key(_account(tenant), _BUDGET))
            else:
                item = {"owner": _account(tenant), "entry": _BUDGET, "usd": override.usd}
                self._client.put_item(TableName=self._table, Item=wire(item))

    def _list(self, tenant: str) -> None:
        """Before anything else is written of a tenant; once a process."""
        if tenant not in self._listed:
            with dynamodb_faults():
                self._client.put_item(TableName=self._table, Item=wire({"owner": _TENANTS, "entry": tenant}))
            self._listed.add(tenant)

    def _query(self, owner: str, first: str) -> Iterator[Mapping[str, Any]]:
        condition = "#owner = :owner AND #entry >= :first"
        start: dict[str, Any] = {}
        while True:
            with dynamodb_faults():
                page = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression=condition,
                    ExpressionAttributeNames=names_of(condition),
                    ExpressionAttributeValues=wire_values({"owner": owner, "first": first}),
                    ConsistentRead=True,
                    **start,
                )
            yield from map(plain, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _account(tenant: str) -> str:
    return f"tenant#{tenant}"


def _key(owner: str, entry: str) -> dict[str, Any]:
    return {"owner": {"S": owner}, "entry": {"S": entry}}


def _day(day: str, parts: list[Mapping[str, Any]]) -> DaySpending:
    usd = {kind: nano / _NANO for kind, nano in _summed(parts, _USD).items()}
    return DaySpending(day, usd, _summed(parts, _UNITS))


def _summed(parts: list[Mapping[str, Any]], prefix: str) -> dict[str, float]:
    names = {name for part in parts for name in part if name.startswith(prefix)}
    return {name.removeprefix(prefix): float(sum(part.get(name, 0) for part in parts)) for name in sorted(names)}
