"""S3's events of the inbox bucket, by EventBridge and SQS: files of questions become batches."""

from __future__ import annotations

from pydantic import Field

from docqa.bootstrap import batches
from docqa.config import Settings, load_settings
from docqa.errors import ConfigurationError
from docqa.models.notices import BucketNotice
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record


class ReceiveBatchSettings(Settings):
    """The bucket, what is registered for it, where batches are kept, and what answers them."""

    questions_table: str
    channels_table: str
    inbox_bucket: str
    inbox_queue_url: str
    batch_state_machine_arn: str
    batch_within_seconds: float = Field(gt=0)
    open_batches: int = Field(ge=1, description="Of a tenant, under way at the same time.")


settings = load_settings(ReceiveBatchSettings)
service = batches.receive_batch(
    settings.questions_table,
    settings.channels_table,
    settings.inbox_bucket,
    settings.inbox_queue_url,
    settings.batch_state_machine_arn,
    settings.batch_within_seconds,
    settings.open_batches,
)


@each_record
def handler(record: QueueRecord) -> None:
    """Look at the object that one event names."""
    change = BucketNotice.model_validate_json(record.body).detail
    if change.bucket.name != settings.inbox_bucket:
        raise ConfigurationError(f"an event of another bucket than INBOX_BUCKET came: {change.bucket.name}")
    logger.info("file seen", extra={"outcome": service.receive(change.object.key).value})
