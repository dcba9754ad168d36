"""Step 2 of ingest_document: the text layers of a span of pages."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.domain.parsing_limits import SystemCallFilter
from docqa.models.work import PageWork
from docqa.runtime.step import step


class ReadPagesSettings(Settings):
    """Where documents lie, and where their pages go."""

    documents_bucket: str
    work_bucket: str
    documents_table: str
    system_call_filter: SystemCallFilter


settings = load_settings(ReadPagesSettings)
service = ingestion.read_pages(
    settings.documents_bucket, settings.work_bucket, settings.documents_table, settings.system_call_filter
)


@step
def handler(work: PageWork) -> None:
    """Write the pages of the span as read."""
    service.run(work)
