"""Meter, budgets and ledger over fakes."""

from __future__ import annotations

from itertools import count

from docqa.ports.clock import Clock
from docqa.services.budgets import DailyBudgets
from docqa.services.metering import Metering
from docqa.services.question_costs import QuestionCosts
from tests.fakes.ledger import InMemoryLedger

_numbers = count()


def metering(ledger: InMemoryLedger, clock: Clock) -> Metering:
    return Metering(ledger, clock, lambda: f"id-{next(_numbers)}")


def costs(ledger: InMemoryLedger, clock: Clock, default_usd: float | None = None) -> QuestionCosts:
    return QuestionCosts(clock, DailyBudgets(ledger, default_usd, clock), metering(ledger, clock))
