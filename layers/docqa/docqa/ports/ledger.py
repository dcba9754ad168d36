"""What tenants have spent, by day."""

from __future__ import annotations

from typing import Protocol

from docqa.models.spending import BudgetOverride, Charge, TenantAccount


class SpendingLedger(Protocol):
    """Sums of charges by tenant and UTC day, and the budgets that tenants have of their own."""

    def add(self, tenant: str, key: str, charge: Charge, now: float) -> bool:
        """Add a charge to its day, once: a key that was added in the last 30 days changes nothing.

        Args:
            tenant: Who pays.
            key: What was paid; the same when adding it is repeated.
            charge: How much.
            now: When, in seconds since the epoch: it says which day.

        Returns:
            Whether it was added now.

        Raises:
            ConcurrentUpdateError: too many others add to the same tenant's day; add it again.
        """
        ...

    def account(self, tenant: str, first: str) -> TenantAccount:
        """A tenant's days from `first` (`2026-11-28`) on, and its own budget; strongly consistent."""
        ...

    def tenants(self) -> list[str]:
        """Everybody who ever paid or has a budget of their own, sorted."""
        ...

    def set_budget(self, tenant: str, override: BudgetOverride | None) -> None:
        """Give a tenant a budget of its own, or None: the stack's again."""
        ...
