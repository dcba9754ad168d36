"""GET /documents/{document_id}: the status of one document."""

from __future__ import annotations

from pydantic import BaseModel

from docqa.bootstrap import lifecycle
from docqa.config import Settings, load_settings
from docqa.runtime.http import Request, Response, endpoint


class ShowDocumentSettings(Settings):
    """The registry, and who sees all of a tenant."""

    documents_table: str
    admin_group: str = ""


settings = load_settings(ShowDocumentSettings)
catalog = lifecycle.catalog(settings.documents_table, settings.admin_group)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """200 with the document."""
    return Response(200, catalog.show(request.principal, request.path.get("document_id", "")))
