"""S3's events, by EventBridge and SQS: the registry follows the bucket."""

from __future__ import annotations

from docqa import ids
from docqa.bootstrap import lifecycle
from docqa.bootstrap.lifecycle import DefaultReaders
from docqa.config import Settings, load_settings
from docqa.errors import ConfigurationError
from docqa.models.notices import BucketNotice
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record


class ReceiveDocumentSettings(Settings):
    """The bucket that is followed, the registry, and whom to tell."""

    documents_bucket: str
    documents_table: str
    dispatch_queue_url: str
    maintenance_queue_url: str
    event_bus_name: str
    default_readers: DefaultReaders = "nobody"


settings = load_settings(ReceiveDocumentSettings)
service = lifecycle.receipt(
    settings.documents_bucket,
    settings.documents_table,
    settings.dispatch_queue_url,
    settings.maintenance_queue_url,
    settings.event_bus_name,
    settings.default_readers,
)


@each_record
def handler(record: QueueRecord) -> None:
    """Look at the object that one event names."""
    change = BucketNotice.model_validate_json(record.body).detail
    if change.bucket.name != settings.documents_bucket:
        raise ConfigurationError(f"an event of another bucket than DOCUMENTS_BUCKET came: {change.bucket.name}")
    outcome = service.receive(change.object.key, change.object.sequencer)
    document_id = ids.document_id(change.bucket.name, ids.described_key(change.object.key))
    logger.info("object seen", extra={"document_id": document_id, "outcome": outcome.value})
