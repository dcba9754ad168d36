"""GET /feedback: what was said about answers, for a question set."""

from __future__ import annotations

from pydantic import BaseModel

from docqa.bootstrap import answering
from docqa.config import Settings, load_settings
from docqa.errors import InvalidRequestError
from docqa.runtime.http import Request, Response, endpoint
from docqa.services.feedback import PAGE_DEFAULT

LONGEST_NUMBER = 6


class ListFeedbackSettings(Settings):
    """Where feedback is kept, who may export it, and what says which documents they may read."""

    questions_table: str
    documents_table: str
    admin_group: str = ""


settings = load_settings(ListFeedbackSettings)
export = answering.feedback_export(settings.questions_table, settings.documents_table, settings.admin_group)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """200 with a page of it."""
    limit = request.query.get("limit") or str(PAGE_DEFAULT)
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= LONGEST_NUMBER):
        raise InvalidRequestError("limit must be a number")
    return Response(200, export.page(request.principal, int(limit), request.query.get("cursor") or None))
