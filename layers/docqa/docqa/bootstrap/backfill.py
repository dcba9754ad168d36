"""The steps of a backfill with their adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docqa.bootstrap.clients import client
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.stores import bucket, registry

if TYPE_CHECKING:
    from docqa.services.backfill import FeedBackfill, ListBackfill

# Of the 300 seconds that a function has: a thousand listed objects, or 25 copies, are seconds of them.
STEP_SECONDS = 200.0


def list_backfill(jobs_table: str, documents: str, work: str) -> ListBackfill:
    """Shares objects out."""
    from docqa.adapters.dynamodb_backfills import DynamoDbBackfillRegistry
    from docqa.adapters.s3_source import S3SourceBucket
    from docqa.services.backfill import ListBackfill

    backfills = DynamoDbBackfillRegistry(client("dynamodb"), jobs_table)
    return ListBackfill(backfills, S3SourceBucket(client("s3"), documents), bucket(work), SystemClock(), STEP_SECONDS)


def feed_backfill(jobs_table: str, table: str, documents: str, work: str, line: int) -> FeedBackfill:
    """Takes objects in."""
    from docqa.adapters.dynamodb_backfills import DynamoDbBackfillRegistry
    from docqa.adapters.s3_source import S3SourceBucket
    from docqa.services.backfill import FeedBackfill

    backfills = DynamoDbBackfillRegistry(client("dynamodb"), jobs_table)
    source = S3SourceBucket(client("s3"), documents)
    return FeedBackfill(backfills, registry(table), source, bucket(work), SystemClock(), line, STEP_SECONDS)
