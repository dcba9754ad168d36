"""Textract's notification, by SNS and SQS: wake every execution that waits for the job."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record


class ResumeIngestionSettings(Settings):
    """Where the jobs are kept."""

    jobs_table: str


class ExtractionNotice(BaseModel):
    """What Textract publishes when a job has ended (raw message delivery). Only the fields that are used."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    external_id: str = Field(alias="JobId")
    state: str = Field(alias="Status")
    tag: str = Field(alias="JobTag", default="")


settings = load_settings(ResumeIngestionSettings)
service = ingestion.resume_ingestion(settings.jobs_table)


@each_record
def handler(record: QueueRecord) -> None:
    """Take one notification."""
    notice = ExtractionNotice.model_validate_json(record.body)
    ours = service.run(notice.tag, notice.external_id, notice.state)
    logger.info("extraction ended", extra={"job": notice.tag, "state": notice.state, "ours": ours})
