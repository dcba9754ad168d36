"""What a tenant has spent, for people: GET /spending and `docqa cost`."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.domain.budgets import day_of, days_before
from docqa.errors import InvalidRequestError
from docqa.models.spending import DaySpending, SpendingDay, SpendingReport
from docqa.ports.clock import Clock
from docqa.ports.ledger import SpendingLedger
from docqa.services.budgets import standing_of

DAYS_DEFAULT = 7
DAYS_MAX = 90


@dataclass(frozen=True, slots=True)
class SpendingReports:
    """Reads the ledger.

    Attributes:
        default_usd: Daily budget of tenants without one of their own; None: no limit.
    """

    ledger: SpendingLedger
    default_usd: float | None
    clock: Clock

    def report(self, tenant: str, days: int = DAYS_DEFAULT) -> SpendingReport:
        """A tenant's last days, today included, and what is left of today's budget.

        Raises:
            InvalidRequestError: that is no number of days.
        """
        if not 1 <= days <= DAYS_MAX:
            raise InvalidRequestError(f"days must be from 1 to {DAYS_MAX}")
        today = day_of(self.clock.now())
        account = self.ledger.account(tenant, days_before(today, days - 1))
        standing = standing_of(account, today, self.default_usd)
        return SpendingReport(
            tenant=tenant,
            budget_usd=standing.limit,
            spent_usd=standing.spent,
            left_usd=standing.left,
            days=[_shown(day) for day in account.days],
        )


def _shown(day: DaySpending) -> SpendingDay:
    return SpendingDay(day=day.day, total_usd=day.total, usd=dict(day.usd), units=dict(day.units))
