"""Step 7 of ingest_document: the vectors of a span of chunks."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.bootstrap.embeddings import EmbeddingSettings
from docqa.config import load_settings
from docqa.models.work import ChunkWork
from docqa.runtime.step import step


class EmbedChunksSettings(EmbeddingSettings):
    """Where chunks lie, which model embeds them, and where that is charged."""

    work_bucket: str
    documents_table: str
    spending_table: str


settings = load_settings(EmbedChunksSettings)
service = ingestion.embed_chunks(settings.work_bucket, settings.documents_table, settings.spending_table, settings)


@step
def handler(work: ChunkWork) -> None:
    """Write the vectors of the span, unless equal texts were embedded before."""
    service.run(work)
