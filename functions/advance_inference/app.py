"""Jobs of models that answer later are moved on: gathered, started, asked after, and handed out."""

from __future__ import annotations

from docqa.bootstrap import inference_jobs
from docqa.config import load_settings
from docqa.models.notices import AsyncInferenceNotice, InferenceMessage
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record


class AdvanceInferenceSettings(inference_jobs.AdvanceSettings):
    """Registry, batches, jobs and bucket, and the ways to the models."""

    documents_table: str
    questions_table: str
    jobs_table: str
    work_bucket: str
    spending_table: str
    dispatch_queue_url: str
    batch_gather_seconds: float


settings = load_settings(AdvanceInferenceSettings)
service = inference_jobs.job_service(
    settings.documents_table,
    settings.questions_table,
    settings.jobs_table,
    settings.work_bucket,
    settings.spending_table,
    settings.dispatch_queue_url,
    settings.batch_gather_seconds,
    settings,
)


@each_record
def handler(record: QueueRecord) -> None:
    """Take one message: a part that was answered, a job to be looked at, or a tick."""
    message = InferenceMessage.validate_json(record.body)
    if isinstance(message, AsyncInferenceNotice):
        job, _, _ = message.inference_id.rpartition(".")
        logger.info("inference ended", extra={"job": job, **service.part_ended(job, message.inference_id)})
    elif message.job_id is not None:
        logger.info("job looked at", extra={"job": message.job_id, **service.advance(message.job_id)})
    else:
        logger.info("jobs looked at", extra=service.sweep())
