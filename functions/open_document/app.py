"""GET /documents/{document_id}/content: the file that the answers quote, for those who may read it now."""

from __future__ import annotations

from pydantic import BaseModel

from docqa.bootstrap import lifecycle
from docqa.config import Settings, load_settings
from docqa.runtime.http import Request, Response, endpoint


class OpenDocumentSettings(Settings):
    """The buckets and the registry."""

    documents_bucket: str
    work_bucket: str
    documents_table: str


settings = load_settings(OpenDocumentSettings)
service = lifecycle.content(settings.documents_bucket, settings.work_bucket, settings.documents_table)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """302 to a short-lived address; a browser keeps the #page=N of the address that was asked for."""
    address = service.address(request.principal, request.path.get("document_id", ""))
    return Response(302, headers={"Location": address, "Referrer-Policy": "no-referrer"})
