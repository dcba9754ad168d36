"""The ledger in memory: the same contract tests as the DynamoDB one (tests/contracts)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from docqa.domain.budgets import day_of
from docqa.models.spending import BudgetOverride, Charge, DaySpending, TenantAccount


@dataclass
class InMemoryLedger:
    """Sums by tenant and day.

    Attributes:
        fault: Raised by everything, as long as it is set.
        charges: Everything that was added, in order.
        reads: How often an account was looked at.
    """

    fault: Exception | None = None
    charges: list[tuple[str, Charge]] = field(default_factory=list)
    reads: int = 0

    def __post_init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()
        self._days: dict[str, dict[str, DaySpending]] = defaultdict(dict)
        self._budgets: dict[str, BudgetOverride] = {}

    def add(self, tenant: str, key: str, charge: Charge, now: float) -> bool:
        self._check()
        if (tenant, key) in self._keys:
            return False
        self._keys.add((tenant, key))
        self.charges.append((tenant, charge))
        day = day_of(now)
        before = self._days[tenant].get(day, DaySpending(day, {}))
        usd = {kind.value: value for kind, value in charge.usd.items()}
        self._days[tenant][day] = DaySpending(day, _sum(before.usd, usd), _sum(before.units, charge.units))
        return True

    def account(self, tenant: str, first: str) -> TenantAccount:
        self._check()
        self.reads += 1
        days = [self._days[tenant][day] for day in sorted(self._days[tenant], reverse=True) if day >= first]
        return TenantAccount(tuple(days), self._budgets.get(tenant))

    def tenants(self) -> list[str]:
        return sorted({tenant for tenant, _ in self._keys} | set(self._budgets))

    def set_budget(self, tenant: str, override: BudgetOverride | None) -> None:
        if override is None:
            self._budgets.pop(tenant, None)
        else:
            self._budgets[tenant] = override

    def spent(self, tenant: str, now: float) -> float:
        """USD of the day."""
        day = self._days[tenant].get(day_of(now))
        return day.total if day else 0.0

    def _check(self) -> None:
        if self.fault:
            raise self.fault


def _sum(one: object, other: object) -> dict[str, float]:
    first, second = dict(one), dict(other)  # type: ignore[call-overload]
    return {name: first.get(name, 0.0) + second.get(name, 0.0) for name in sorted({*first, *second})}
