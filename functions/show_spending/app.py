"""GET /spending: what the caller's tenant has spent, by day, and what is left of its budget."""

from __future__ import annotations

from pydantic import BaseModel, Field

from docqa.bootstrap import spending
from docqa.config import Settings, load_settings
from docqa.errors import InvalidRequestError
from docqa.runtime.http import Request, Response, endpoint
from docqa.services.spending import DAYS_DEFAULT

LONGEST_NUMBER = 6


class ShowSpendingSettings(Settings):
    """The ledger, and the budget of tenants without one of their own."""

    spending_table: str
    tenant_daily_budget_usd: float | None = Field(default=None, ge=0, description="Absent: no limit.")


settings = load_settings(ShowSpendingSettings)
reports = spending.spending_reports(settings.spending_table, settings.tenant_daily_budget_usd)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """200 with the report."""
    days = request.query.get("days") or str(DAYS_DEFAULT)
    if not (days.isascii() and days.isdecimal() and len(days) <= LONGEST_NUMBER):
        raise InvalidRequestError("days must be a number")
    return Response(200, reports.report(request.principal.tenant, int(days)))
