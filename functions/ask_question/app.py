"""POST /questions."""

from __future__ import annotations

from docqa.bootstrap import channels
from docqa.config import load_settings
from docqa.errors import InvalidRequestError
from docqa.models.api import PendingAnswer
from docqa.models.question import Question
from docqa.runtime.http import Request, Response, endpoint
from docqa.runtime.logging import logger

LONGEST_KEY = 256


class AskQuestionSettings(channels.ChannelSettings):
    """Everything that answering needs, the destinations that a question may name, and the workers' queues."""

    handover_queue_url: str
    research_queue_url: str


settings = load_settings(AskQuestionSettings)
service = channels.questions(settings, settings.handover_queue_url, settings.research_queue_url)


@endpoint(body=Question)
def handler(request: Request[Question]) -> Response:
    """200 with the answer, or 202 with the place where it will be."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise InvalidRequestError(f"Idempotency-Key must have 1 to {LONGEST_KEY} characters.")
    wants_async = "respond-async" in request.headers.get("prefer", "").lower()
    answer = service.ask(request.body, request.principal, request.deadline, key, respond_async=wants_async)
    logger.append_keys(answer_id=answer.answer_id)
    if isinstance(answer, PendingAnswer):
        return Response(202, answer, {"Location": answer.location})
    # The reason is one of docqa's own sentences, never content.
    logger.info("answered", extra={"status": answer.status.value, "model": answer.model, "reason": answer.reason})
    return Response(200, answer)
