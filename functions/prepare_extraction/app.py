"""Step 3 of ingest_document: the pages that need text extraction, as a document of their own."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.models.work import DocumentWork, ExtractionPlan
from docqa.runtime.step import step


class PrepareExtractionSettings(Settings):
    """Where documents lie, and where the extraction's input goes."""

    documents_bucket: str
    work_bucket: str
    documents_table: str


settings = load_settings(PrepareExtractionSettings)
service = ingestion.prepare_extraction(settings.documents_bucket, settings.work_bucket, settings.documents_table)


@step
def handler(work: DocumentWork) -> ExtractionPlan:
    """What has to be extracted."""
    return service.run(work.reference)
