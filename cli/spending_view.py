"""What tenants have spent as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from cli.output import literal, messages, one_line, results
from cli.views import table
from docqa.models.spending import SpendingDay, SpendingKind, SpendingReport

# Columns, and what is in them; all else is "others".
_COLUMNS = {
    "Textract": SpendingKind.EXTRACTION,
    "embeddings": SpendingKind.EMBEDDINGS,
    "chat": SpendingKind.CHAT,
}
_CENTS = 100


def print_reports(reports: Sequence[SpendingReport]) -> None:
    """A table a tenant: a line a day, then the budget."""
    if not reports:
        messages().print("Nobody has paid anything yet.")
    for report in reports:
        _print(report)


def _print(report: SpendingReport) -> None:
    rows = table("day (UTC)", *_COLUMNS, "others", "USD", title=one_line(report.tenant))
    for day in report.days:
        rows.add_row(day.day, *(_usd(value) for value in _values(day)), _usd(day.total_usd))
    if not report.days:
        rows.add_row("nothing")
    results().print(rows)
    results().print(literal(_standing(report), "red" if report.left_usd == 0 else ""))


def _values(day: SpendingDay) -> list[float]:
    named = [day.usd.get(kind, 0.0) for kind in _COLUMNS.values()]
    return [*named, day.total_usd - sum(named)]


def _standing(report: SpendingReport) -> str:
    if report.budget_usd is None or report.left_usd is None:
        return f"today: {_usd(report.spent_usd)} USD; no budget is set"
    left = f"{_usd(report.left_usd)} USD left" if report.left_usd else "used up until 00:00 UTC"
    return f"today: {_usd(report.spent_usd)} of {report.budget_usd:.2f} USD, {left}"


def _usd(value: float) -> str:
    """Cents where there are some, else as much as single tokens cost."""
    return f"{value:.2f}" if abs(value) * _CENTS >= 1 or not round(value, 6) else f"{value:.6f}"
