"""Where tenants stand with their budgets."""

from __future__ import annotations

from typing import Protocol

from docqa.domain.budgets import Standing, day_of
from docqa.models.spending import SpendingKind, TenantAccount
from docqa.ports.clock import Clock
from docqa.ports.ledger import SpendingLedger

# As long as a look at the ledger counts: what is begun in this time can be too much.
STANDING_SECONDS = 5.0


class Budgets(Protocol):
    """Says what a tenant may still spend."""

    def standing(self, tenant: str) -> Standing:
        """Where the tenant stands now, give or take a few seconds.

        Raises:
            ThrottledError, ServiceUnavailableError: the ledger cannot be read now.
        """
        ...


class Unlimited:
    """Nobody has a budget."""

    def standing(self, tenant: str) -> Standing:  # noqa: ARG002 - everybody's
        """Without a limit."""
        return Standing()


class DailyBudgets:
    """Budgets of a UTC day.

    Args:
        ledger: Knows what was spent, and budgets of tenants' own.
        default_usd: Everybody else's; None: no limit.
        clock: The time.
    """

    def __init__(self, ledger: SpendingLedger, default_usd: float | None, clock: Clock) -> None:
        self._ledger = ledger
        self._default_usd = default_usd
        self._clock = clock
        self._known: dict[str, tuple[float, str, Standing]] = {}

    def standing(self, tenant: str) -> Standing:
        """Where the tenant stands; asked of the ledger every few seconds, and anew when a day begins."""
        now = self._clock.now()
        today = day_of(now)
        read_at, day, standing = self._known.get(tenant, (float("-inf"), "", Standing()))
        if now - read_at <= STANDING_SECONDS and day == today:
            return standing
        standing = standing_of(self._ledger.account(tenant, today), today, self._default_usd)
        self._known[tenant] = (now, today, standing)
        return standing


def standing_of(account: TenantAccount, today: str, default_usd: float | None) -> Standing:
    """Where the tenant of an account stands on a day."""
    limit = default_usd if account.override is None else account.override.usd
    day = next((one for one in account.days if one.day == today), None)
    if day is None:
        return Standing(limit)
    return Standing(limit, day.total, day.usd.get(SpendingKind.QUOTING, 0.0))
