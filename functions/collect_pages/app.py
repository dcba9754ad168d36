"""Step 5 of ingest_document: one ordered page stream of text layers and extracted pages."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.models.work import Collection, CollectionWork
from docqa.runtime.step import step


class CollectPagesSettings(Settings):
    """Where pages lie, the jobs that extracted some, and where those are charged."""

    documents_table: str
    work_bucket: str
    jobs_table: str
    spending_table: str


settings = load_settings(CollectPagesSettings)
service = ingestion.collect_pages(
    settings.work_bucket, settings.documents_table, settings.jobs_table, settings.spending_table
)


@step
def handler(work: CollectionWork) -> Collection:
    """Save what was extracted; when that is all, write every page in order and record how they were read."""
    return service.run(work)
