"""A step of backfill_documents: objects of a part are copied, while few enough documents wait."""

from __future__ import annotations

from pydantic import Field

from docqa.bootstrap import backfill
from docqa.config import Settings, load_settings
from docqa.models.backfill import PartProgress, PartWork
from docqa.runtime.step import step


class FeedBackfillSettings(Settings):
    """Where backfills are kept, the registry, the buckets, and how many documents may wait."""

    jobs_table: str
    documents_table: str
    documents_bucket: str
    work_bucket: str
    backfill_line: int = Field(ge=1, description="Documents of the tenant that may wait.")


settings = load_settings(FeedBackfillSettings)
service = backfill.feed_backfill(
    settings.jobs_table,
    settings.documents_table,
    settings.documents_bucket,
    settings.work_bucket,
    settings.backfill_line,
)


@step
def handler(work: PartWork) -> PartProgress:
    """Go on with the part."""
    return service.run(work.backfill_id, work.part)
