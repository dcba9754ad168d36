"""GET /answers/{answer_id}/explanation: why was it answered like this?"""

from __future__ import annotations

from pydantic import BaseModel

from docqa.bootstrap import answering
from docqa.config import Settings, load_settings
from docqa.models.api import PendingAnswer
from docqa.runtime.http import Request, Response, endpoint
from docqa.runtime.logging import logger


class ExplainAnswerSettings(Settings):
    """Where answers are kept, what says whether they may still be read, and who may look into others'."""

    questions_table: str
    documents_table: str
    admin_group: str = ""


settings = load_settings(ExplainAnswerSettings)
service = answering.explanations(settings.questions_table, settings.documents_table, settings.admin_group)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """200 with the explanation, 202 while the answer is being worked on."""
    answer_id = request.path["answer_id"]
    logger.append_keys(answer_id=answer_id)
    explanation = service.explain(answer_id, request.principal)
    if isinstance(explanation, PendingAnswer):
        return Response(202, explanation, {"Location": explanation.location})
    return Response(200, explanation)
