"""POST /documents/{document_id}/reprocess: the same file once more."""

from __future__ import annotations

from pydantic import BaseModel

from docqa.bootstrap import lifecycle
from docqa.bootstrap.lifecycle import DefaultReaders
from docqa.config import Settings, load_settings
from docqa.runtime.http import Request, Response, endpoint


class ReprocessDocumentSettings(Settings):
    """The bucket, the registry, and whom to tell."""

    documents_bucket: str
    documents_table: str
    dispatch_queue_url: str
    maintenance_queue_url: str
    event_bus_name: str
    default_readers: DefaultReaders = "nobody"
    admin_group: str = ""


settings = load_settings(ReprocessDocumentSettings)
service = lifecycle.reprocessing(
    settings.documents_table,
    lifecycle.receipt(
        settings.documents_bucket,
        settings.documents_table,
        settings.dispatch_queue_url,
        settings.maintenance_queue_url,
        settings.event_bus_name,
        settings.default_readers,
    ),
    settings.dispatch_queue_url,
    settings.admin_group,
)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """202 with the document, which waits now."""
    return Response(202, service.reprocess(request.principal, request.path.get("document_id", "")))
