"""House-keeping for one document: index and work bucket are made equal to the registry."""

from __future__ import annotations

from docqa.bootstrap import lifecycle
from docqa.config import Settings, load_settings
from docqa.models.notices import ReconcileRequest
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record


class ReconcileDocumentSettings(Settings):
    """The registry, and what is made equal to it."""

    documents_table: str
    work_bucket: str
    opensearch_endpoint: str


settings = load_settings(ReconcileDocumentSettings)
service = lifecycle.maintenance(settings.documents_table, settings.work_bucket, settings.opensearch_endpoint)


@each_record
def handler(record: QueueRecord) -> None:
    """Reconcile the document of one message."""
    request = ReconcileRequest.model_validate_json(record.body)
    logger.append_keys(document_id=request.document_id)
    service.reconcile(request.document_id)
    logger.info("reconciled")
