"""Step 6 of ingest_document: pages become passages."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.models.work import Chunking, DocumentWork
from docqa.runtime.step import step


class ChunkDocumentSettings(Settings):
    """Where pages lie, and how long a passage may be."""

    documents_table: str
    work_bucket: str
    chunk_characters: int


settings = load_settings(ChunkDocumentSettings)
service = ingestion.chunk_document(settings.work_bucket, settings.documents_table, settings.chunk_characters)


@step
def handler(work: DocumentWork) -> Chunking:
    """How many chunks there are, and how they are shared out."""
    return service.run(work.reference)
