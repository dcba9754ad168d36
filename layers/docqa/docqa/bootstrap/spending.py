"""The ledger, and what reads and writes it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from docqa.bootstrap.clients import QUESTION, WORK, Patience, client
from docqa.bootstrap.clock import SystemClock

if TYPE_CHECKING:
    from docqa.ports.ledger import SpendingLedger
    from docqa.services.budgets import DailyBudgets
    from docqa.services.metering import Metering
    from docqa.services.spending import SpendingReports


@cache
def metering(table: str, patience: Patience = WORK) -> Metering:
    """Takes down what this process pays."""
    import uuid

    from docqa.services.metering import Metering

    return Metering(_ledger(table, patience), SystemClock(), lambda: uuid.uuid4().hex)


@cache
def budgets(table: str, default_usd: float | None, patience: Patience = WORK) -> DailyBudgets:
    """Says what tenants may still spend."""
    from docqa.services.budgets import DailyBudgets

    return DailyBudgets(_ledger(table, patience), default_usd, SystemClock())


def spending_reports(table: str, default_usd: float | None) -> SpendingReports:
    """The use case of GET /spending."""
    from docqa.services.spending import SpendingReports

    return SpendingReports(_ledger(table, QUESTION), default_usd, SystemClock())


@cache
def _ledger(table: str, patience: Patience) -> SpendingLedger:
    from docqa.adapters.dynamodb_ledger import DynamoDBSpendingLedger

    return DynamoDBSpendingLedger(client("dynamodb", patience), table)
