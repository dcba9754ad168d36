"""Step 6 of ingest_document: pages become passages."""

from __future__ import annotations

from docqa.bootstrap import inference_jobs, ingestion
from docqa.config import load_settings
from docqa.models.work import Chunking, ChunkingWork
from docqa.runtime.step import step


class ChunkDocumentSettings(inference_jobs.RouterSettings):
    """Where pages lie, how long a passage may be, and on which ways passages may be embedded."""

    documents_table: str
    chunk_characters: int


settings = load_settings(ChunkDocumentSettings)
service = ingestion.chunk_document(
    settings.work_bucket,
    settings.documents_table,
    settings.chunk_characters,
    inference_jobs.embedding_router(settings.documents_table, settings),
)


@step
def handler(work: ChunkingWork) -> Chunking:
    """How many chunks there are, how they are shared out, and on which way they are embedded."""
    return service.go_on(work.reference) if work.goes_on else service.run(work.reference)
