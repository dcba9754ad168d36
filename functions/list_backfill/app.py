"""A step of backfill_documents: the objects of the source are shared out into parts."""

from __future__ import annotations

from docqa.bootstrap import backfill
from docqa.config import Settings, load_settings
from docqa.models.backfill import BackfillWork, ListingProgress
from docqa.runtime.step import step


class ListBackfillSettings(Settings):
    """Where backfills are kept, and the buckets."""

    jobs_table: str
    documents_bucket: str
    work_bucket: str


settings = load_settings(ListBackfillSettings)
service = backfill.list_backfill(settings.jobs_table, settings.documents_bucket, settings.work_bucket)


@step
def handler(work: BackfillWork) -> ListingProgress:
    """Go on listing."""
    return service.run(work.backfill_id)
