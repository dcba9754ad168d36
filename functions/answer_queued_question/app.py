"""Question queues, and the questions that POST /questions hands over."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from docqa.bootstrap import answering
from docqa.config import load_settings
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record


class AnswerQueuedQuestionSettings(answering.QueueSettings):
    """Everything that answering needs, and what is registered for queues."""


class HandedOver(BaseModel):
    """A message of the hand-over queue. Only ask_question may send there; who asked is in the question's record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer_id: str


settings = load_settings(AnswerQueuedQuestionSettings)
channels = answering.queued_questions(settings)
handed_over = answering.handed_over_questions(settings)


@each_record
def handler(record: QueueRecord) -> None:
    """Answer one message."""
    if record.source_arn == settings.handover_queue_arn:
        message = HandedOver.model_validate_json(record.body)
        logger.append_keys(answer_id=message.answer_id)
        logger.info("resumed", extra={"tenant": handed_over.resume(message.answer_id, record.deadline)})
        return
    principal = channels.principal_of(record.source_arn)
    logger.append_keys(tenant=principal.tenant)
    answer = channels.answer(principal, record.message_id, record.body, record.deadline)
    logger.append_keys(answer_id=answer.answer_id)
    # The reason is one of docqa's own sentences, never content.
    logger.info("answered", extra={"status": answer.status.value, "model": answer.model, "reason": answer.reason})
