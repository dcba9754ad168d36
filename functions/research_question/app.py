"""Questions that take several steps, left here by HTTP and by question queues."""

from __future__ import annotations

from docqa.bootstrap import research
from docqa.config import load_settings
from docqa.models.question import HandedOver
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record
from docqa.services.question_worker import Attempt


class ResearchQuestionSettings(research.ResearchSettings):
    """Everything that answering needs, and what a research may cost."""


settings = load_settings(ResearchQuestionSettings)
service = research.researched_questions(settings)


@each_record
def handler(record: QueueRecord) -> None:
    """Research one question."""
    message = HandedOver.model_validate_json(record.body)
    logger.append_keys(answer_id=message.answer_id)
    attempt = Attempt(record.deadline, record.receive_count, settings.question_attempts)
    logger.info("researched", extra={"tenant": service.resume(message.answer_id, attempt)})
