"""What every ledger does, the real one and the one in memory."""

from __future__ import annotations

import pytest

from docqa.models.spending import BudgetOverride, Charge, SpendingKind
from docqa.ports.ledger import SpendingLedger

# Noon of 2026-11-28 in UTC.
NOON = 1_795_867_200.0
DAY = 86_400.0
CHAT = Charge({SpendingKind.CHAT: 0.25}, {"input_tokens": 1000.0, "output_tokens": 50.0})
EMBEDDING = Charge({SpendingKind.EMBEDDINGS: 0.000002}, {"embedded_tokens": 100.0})


class LedgerContract:
    """Derive from it and provide the fixture `ledger`: an empty one."""

    def test_charges_of_a_day_are_added_up_by_kind_and_unit(self, ledger: SpendingLedger) -> None:
        for n in range(40):
            assert ledger.add("acme", f"chat-{n}", CHAT, NOON + n)
            assert ledger.add("acme", f"embedding-{n}", EMBEDDING, NOON + n)

        (day,) = ledger.account("acme", "2026-11-28").days
        assert day.day == "2026-11-28"
        assert dict(day.usd) == pytest.approx({"chat": 10.0, "embeddings": 0.00008})
        assert dict(day.units) == {"input_tokens": 40_000.0, "output_tokens": 2_000.0, "embedded_tokens": 4_000.0}
        assert day.total == pytest.approx(10.00008)

    def test_the_same_payment_counts_once(self, ledger: SpendingLedger) -> None:
        """Promise 55: a step that is repeated spends nothing of the budget."""
        assert ledger.add("acme", "job-1", CHAT, NOON)
        assert not ledger.add("acme", "job-1", CHAT, NOON + 1)
        assert not ledger.add("acme", "job-1", EMBEDDING, NOON + DAY)

        assert [dict(day.usd) for day in ledger.account("acme", "2026-11-01").days] == [{"chat": 0.25}]

    def test_a_tenants_spending_and_keys_are_its_own(self, ledger: SpendingLedger) -> None:
        """Promise 55: nobody uses up another's budget."""
        assert ledger.add("acme", "key", CHAT, NOON)
        assert ledger.add("globex", "key", EMBEDDING, NOON)
        assert ledger.add("acme#2026", "key", EMBEDDING, NOON)

        assert [day.total for day in ledger.account("acme", "2026-11-28").days] == [0.25]
        assert ledger.account("initech", "2026-11-28").days == ()
        assert ledger.tenants() == ["acme", "acme#2026", "globex"]

    def test_days_begin_at_midnight_utc_and_come_newest_first(self, ledger: SpendingLedger) -> None:
        midnight = NOON + DAY / 2
        for key, now in (("a", midnight - 0.001), ("b", midnight), ("c", midnight - DAY), ("d", midnight - 40 * DAY)):
            ledger.add("acme", key, CHAT, now)

        account = ledger.account("acme", "2026-11-28")
        assert [(day.day, day.total) for day in account.days] == [("2026-11-29", 0.25), ("2026-11-28", 0.5)]
        assert [day.day for day in ledger.account("acme", "2026-01-01").days][-1] == "2026-10-20"

    def test_many_small_amounts_add_up_exactly(self, ledger: SpendingLedger) -> None:
        for n in range(100):
            ledger.add("acme", f"{n}", Charge({SpendingKind.EMBEDDINGS: 2e-8}), NOON)

        (day,) = ledger.account("acme", "2026-11-28").days
        assert day.total == pytest.approx(2e-6, rel=1e-9)

    @pytest.mark.parametrize("usd", [0.0, 12.5, None])
    def test_a_tenant_may_have_a_budget_of_its_own(self, ledger: SpendingLedger, usd: float | None) -> None:
        assert ledger.account("acme", "2026-11-28").override is None

        ledger.set_budget("acme", BudgetOverride(usd))
        ledger.add("acme", "key", CHAT, NOON)

        account = ledger.account("acme", "2026-11-28")
        assert account.override == BudgetOverride(usd)
        assert len(account.days) == 1
        assert ledger.account("globex", "2026-11-28").override is None
        assert ledger.tenants() == ["acme"]
        ledger.set_budget("acme", None)
        assert ledger.account("acme", "2026-11-28").override is None
