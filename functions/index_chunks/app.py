"""Step 8 of ingest_document: a span of chunks goes into the search index."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.models.work import ChunkWork
from docqa.runtime.step import step


class IndexChunksSettings(Settings):
    """Where chunks and vectors lie, and the index."""

    work_bucket: str
    documents_table: str
    opensearch_endpoint: str


settings = load_settings(IndexChunksSettings)
service = ingestion.index_chunks(settings.work_bucket, settings.documents_table, settings.opensearch_endpoint)


@step
def handler(work: ChunkWork) -> None:
    """Index the span with the readers that the document has now."""
    service.run(work)
