"""PUT /documents/{document_id}/readers: who may read it, from now on."""

from __future__ import annotations

from docqa.bootstrap import lifecycle
from docqa.bootstrap.lifecycle import DefaultReaders
from docqa.config import Settings, load_settings
from docqa.models.api import ReadersBody
from docqa.runtime.http import Request, Response, endpoint


class SetDocumentReadersSettings(Settings):
    """The bucket, the registry, and whom to tell."""

    documents_bucket: str
    documents_table: str
    dispatch_queue_url: str
    maintenance_queue_url: str
    event_bus_name: str
    default_readers: DefaultReaders = "nobody"
    admin_group: str = ""


settings = load_settings(SetDocumentReadersSettings)
service = lifecycle.sharing(
    settings.documents_bucket,
    settings.documents_table,
    lifecycle.receipt(
        settings.documents_bucket,
        settings.documents_table,
        settings.dispatch_queue_url,
        settings.maintenance_queue_url,
        settings.event_bus_name,
        settings.default_readers,
    ),
    settings.admin_group,
)


@endpoint(body=ReadersBody)
def handler(request: Request[ReadersBody]) -> Response:
    """200 with the document as it now is."""
    document_id = request.path.get("document_id", "")
    return Response(200, service.set_readers(request.principal, document_id, request.body))
