"""Step 1 of ingest_document: what the file is, and whether it can be read."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.domain.parsing_limits import SystemCallFilter
from docqa.models.work import DocumentWork, Inspection, OcrFeatures
from docqa.runtime.step import step
from docqa.services.ingestion.inspection import InspectionRules


class InspectDocumentSettings(Settings):
    """Limits, and the settings that decide results of the steps to come."""

    documents_bucket: str
    work_bucket: str
    documents_table: str
    system_call_filter: SystemCallFilter
    max_document_bytes: int
    max_pages: int
    chunk_characters: int
    ocr_features: OcrFeatures


settings = load_settings(InspectDocumentSettings)
service = ingestion.inspect_document(
    settings.documents_bucket,
    settings.work_bucket,
    settings.documents_table,
    InspectionRules(
        max_bytes=settings.max_document_bytes,
        max_pages=settings.max_pages,
        chunk_characters=settings.chunk_characters,
        ocr_features=settings.ocr_features,
    ),
    settings.system_call_filter,
)


@step
def handler(work: DocumentWork) -> Inspection:
    """Type, pages and spans of the document."""
    return service.run(work.reference)
