"""GET /answers/{answer_id}."""

from __future__ import annotations

from pydantic import BaseModel

from docqa.bootstrap import answering
from docqa.config import Settings, load_settings
from docqa.models.api import PendingAnswer
from docqa.runtime.http import Request, Response, endpoint
from docqa.runtime.logging import logger


class ShowAnswerSettings(Settings):
    """Where answers are kept, and what says whether they may still be read."""

    questions_table: str
    documents_table: str


settings = load_settings(ShowAnswerSettings)
service = answering.answer_reader(settings.questions_table, settings.documents_table)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """200 with the answer, 202 while it is being worked on."""
    answer_id = request.path["answer_id"]
    logger.append_keys(answer_id=answer_id)
    answer = service.show(answer_id, request.principal)
    if isinstance(answer, PendingAnswer):
        return Response(202, answer, {"Location": answer.location})
    return Response(200, answer)
