"""GET /documents: what the caller may see, newest change first."""

from __future__ import annotations

from pydantic import BaseModel

from docqa.bootstrap import lifecycle
from docqa.config import Settings, load_settings
from docqa.errors import InvalidRequestError
from docqa.runtime.http import Request, Response, endpoint
from docqa.services.documents import LIST_DEFAULT


class ListDocumentsSettings(Settings):
    """The registry, and who sees all of a tenant."""

    documents_table: str
    admin_group: str = ""


settings = load_settings(ListDocumentsSettings)
catalog = lifecycle.catalog(settings.documents_table, settings.admin_group)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """200 with one page."""
    limit = _number(request.query.get("limit") or str(LIST_DEFAULT))
    status = request.query.get("status") or None
    return Response(200, catalog.list(request.principal, limit, request.query.get("cursor") or None, status))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < len("1000000")):
        raise InvalidRequestError("limit must be a number")
    return int(text)
