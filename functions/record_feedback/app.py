"""POST /answers/{answer_id}/feedback: is the answer right?"""

from __future__ import annotations

from docqa.bootstrap import answering
from docqa.config import Settings, load_settings
from docqa.models.feedback import FeedbackBody
from docqa.runtime.http import Request, Response, endpoint
from docqa.runtime.logging import logger


class RecordFeedbackSettings(Settings):
    """Where answers are kept, what says whether they may still be read, and who may judge others'."""

    questions_table: str
    documents_table: str
    admin_group: str = ""


settings = load_settings(RecordFeedbackSettings)
service = answering.feedback(settings.questions_table, settings.documents_table, settings.admin_group)


@endpoint(body=FeedbackBody)
def handler(request: Request[FeedbackBody]) -> Response:
    """200 with what is on record now."""
    answer_id = request.path["answer_id"]
    logger.append_keys(answer_id=answer_id)
    return Response(200, service.record(answer_id, request.principal, request.body))
