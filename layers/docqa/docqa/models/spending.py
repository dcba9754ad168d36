"""What paid calls cost: the entries of the ledger, and what people see of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class SpendingKind(StrEnum):
    """What was paid for. QUOTING: embedding questions that came after the day's budget was used up."""

    EXTRACTION = "extraction"
    EMBEDDINGS = "embeddings"
    CHAT = "chat"
    RERANKING = "reranking"
    QUOTING = "quoting"


@dataclass(frozen=True, slots=True)
class Charge:
    """One entry: USD by kind, and what was counted for it, e.g. `{"textract_pages": 3.0}`."""

    usd: Mapping[SpendingKind, float]
    units: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was counted and nothing has to be paid, as with endpoints that are paid by the hour."""
        return not any(self.usd.values()) and not any(self.units.values())


@dataclass(frozen=True, slots=True)
class DaySpending:
    """A tenant's spending on one day.

    Attributes:
        day: In UTC, `2026-11-28`.
        usd: By kind; kinds of a later release too.
        units: What was counted.
    """

    day: str
    usd: Mapping[str, float]
    units: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """USD of all kinds."""
        return sum(self.usd.values())


@dataclass(frozen=True, slots=True)
class BudgetOverride:
    """A tenant's own daily budget in USD, in place of the stack's; None: it has no limit."""

    usd: float | None


@dataclass(frozen=True, slots=True)
class TenantAccount:
    """What the ledger knows of a tenant.

    Attributes:
        days: Days on which something was paid, newest first.
        override: None: the stack's budget is the tenant's.
    """

    days: tuple[DaySpending, ...] = ()
    override: BudgetOverride | None = None


class SpendingDay(BaseModel):
    """One day's spending."""

    model_config = ConfigDict(frozen=True)

    day: str = Field(description="In UTC, e.g. 2026-11-28.")
    total_usd: float
    usd: dict[str, float] = Field(
        description="By kind: extraction (Textract), embeddings, chat, reranking, quoting (questions embedded after "
        "the budget was used up)."
    )
    units: dict[str, float] = Field(default_factory=dict, description="What was counted: pages, tokens.")


class SpendingReport(BaseModel):
    """A tenant's spending by day, and what is left of today's budget."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    budget_usd: float | None = Field(description="A day's budget, from 00:00 UTC; null: no limit.")
    spent_usd: float = Field(description="Today.")
    left_usd: float | None = Field(description="Of today's budget; null: no limit.")
    days: list[SpendingDay] = Field(description="Days on which something was paid, newest first.")
