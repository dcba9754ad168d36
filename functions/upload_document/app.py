"""POST /documents: an upload for exactly one key below the caller's tenant."""

from __future__ import annotations

from pydantic import Field

from docqa.bootstrap import lifecycle
from docqa.config import Settings, load_settings
from docqa.models.api import UploadRequest
from docqa.runtime.http import Request, Response, endpoint


class UploadDocumentSettings(Settings):
    """Where documents go, and how large they may be."""

    documents_bucket: str
    documents_table: str
    max_document_bytes: int = Field(ge=1)
    admin_group: str = ""


settings = load_settings(UploadDocumentSettings)
service = lifecycle.upload(
    settings.documents_bucket, settings.documents_table, settings.max_document_bytes, settings.admin_group
)


@endpoint(body=UploadRequest)
def handler(request: Request[UploadRequest]) -> Response:
    """201 with the form to send."""
    return Response(201, service.ticket(request.principal, request.body))
