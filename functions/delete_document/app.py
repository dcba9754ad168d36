"""DELETE /documents/{document_id}: hidden from the next question on."""

from __future__ import annotations

from pydantic import BaseModel

from docqa.bootstrap import lifecycle
from docqa.config import Settings, load_settings
from docqa.runtime.http import Request, Response, endpoint


class DeleteDocumentSettings(Settings):
    """The bucket, the registry, and whom to tell."""

    documents_bucket: str
    documents_table: str
    maintenance_queue_url: str
    event_bus_name: str
    admin_group: str = ""


settings = load_settings(DeleteDocumentSettings)
service = lifecycle.deletion(
    settings.documents_bucket,
    settings.documents_table,
    settings.maintenance_queue_url,
    settings.event_bus_name,
    settings.admin_group,
)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """204: it is gone."""
    service.delete(request.principal, request.path.get("document_id", ""))
    return Response(204)
