"""Step 3 of ingest_document: the pages that are to be extracted next, as a document of their own."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.domain.parsing_limits import SystemCallFilter
from docqa.models.work import DocumentWork, ExtractionPlan, OcrFeatures
from docqa.runtime.step import step


class PrepareExtractionSettings(Settings):
    """Where documents lie, where the extraction's input goes, and what is extracted."""

    documents_bucket: str
    work_bucket: str
    documents_table: str
    system_call_filter: SystemCallFilter
    ocr_features: OcrFeatures


settings = load_settings(PrepareExtractionSettings)
service = ingestion.prepare_extraction(
    settings.documents_bucket,
    settings.work_bucket,
    settings.documents_table,
    settings.ocr_features,
    settings.system_call_filter,
)


@step
def handler(work: DocumentWork) -> ExtractionPlan:
    """What has to be extracted next."""
    return service.run(work.reference)
