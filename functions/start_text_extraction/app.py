"""Step 4 of ingest_document: start text extraction and leave the task token with the job."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.models.work import ExtractionWork
from docqa.runtime.step import step


class StartTextExtractionSettings(Settings):
    """Where the input lies, and whom Textract tells when it is done."""

    work_bucket: str
    jobs_table: str
    textract_topic_arn: str
    textract_role_arn: str


settings = load_settings(StartTextExtractionSettings)
service = ingestion.start_text_extraction(
    settings.work_bucket, settings.jobs_table, settings.textract_topic_arn, settings.textract_role_arn
)


@step
def handler(work: ExtractionWork) -> None:
    """Start or join the job; the execution waits for its token."""
    service.run(work)
