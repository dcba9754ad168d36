"""GET /documents/{document_id}: the status of one document."""

from __future__ import annotations

from pydantic import BaseModel, Field

from docqa.bootstrap import lifecycle, spending
from docqa.config import Settings, load_settings
from docqa.runtime.http import Request, Response, endpoint


class ShowDocumentSettings(Settings):
    """The registry, who sees all of a tenant, and what a document may have to wait for."""

    documents_table: str
    admin_group: str = ""
    spending_table: str
    tenant_daily_budget_usd: float | None = Field(default=None, ge=0, description="Absent: no limit.")


settings = load_settings(ShowDocumentSettings)
budgets = spending.budgets(settings.spending_table, settings.tenant_daily_budget_usd)
catalog = lifecycle.catalog(settings.documents_table, settings.admin_group, budgets)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """200 with the document."""
    return Response(200, catalog.show(request.principal, request.path.get("document_id", "")))
