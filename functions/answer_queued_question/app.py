"""Question queues, and the questions that POST /questions hands over."""

from __future__ import annotations

from docqa.bootstrap import channels
from docqa.bootstrap.answering import answering
from docqa.config import load_settings
from docqa.models.api import PendingAnswer
from docqa.models.question import HandedOver
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record
from docqa.services.question_worker import Attempt


class AnswerQueuedQuestionSettings(channels.QueueSettings):
    """Everything that answering needs, and what is registered for queues."""


settings = load_settings(AnswerQueuedQuestionSettings)
queued = channels.queued_questions(settings)
handed_over = channels.handed_over_questions(settings, answering(settings), settings.handover_queue_url)


@each_record
def handler(record: QueueRecord) -> None:
    """Answer one message."""
    attempt = Attempt(record.deadline, record.receive_count, settings.question_attempts)
    if record.source_arn == settings.handover_queue_arn:
        message = HandedOver.model_validate_json(record.body)
        logger.append_keys(answer_id=message.answer_id)
        logger.info("resumed", extra={"tenant": handed_over.resume(message.answer_id, attempt)})
        return
    principal = queued.principal_of(record.source_arn)
    logger.append_keys(tenant=principal.tenant)
    answer = queued.answer(principal, record.message_id, record.body, attempt)
    logger.append_keys(answer_id=answer.answer_id)
    if isinstance(answer, PendingAnswer):
        logger.info("left to another queue")
        return
    # The reason is one of docqa's own sentences, never content.
    logger.info("answered", extra={"status": answer.status.value, "model": answer.model, "reason": answer.reason})
