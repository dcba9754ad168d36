"""House-keeping for one document: indexes and work bucket are made equal to the registry."""

from __future__ import annotations

from docqa.bootstrap import lifecycle
from docqa.bootstrap.embeddings import EmbeddingSettings
from docqa.config import load_settings
from docqa.models.notices import ReconcileRequest
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record


class ReconcileDocumentSettings(EmbeddingSettings):
    """The registry, what is made equal to it, and the models whose vectors an index may lack; they are charged."""

    documents_table: str
    work_bucket: str
    opensearch_endpoint: str
    maintenance_queue_url: str
    spending_table: str


settings = load_settings(ReconcileDocumentSettings)
service = lifecycle.maintenance(
    settings.documents_table,
    settings.work_bucket,
    settings.opensearch_endpoint,
    settings.maintenance_queue_url,
    settings.spending_table,
    settings,
)


@each_record
def handler(record: QueueRecord) -> None:
    """Reconcile the document of one message."""
    request = ReconcileRequest.model_validate_json(record.body)
    logger.append_keys(document_id=request.document_id)
    service.reconcile(request.document_id, record.message_id, request.generation, request.first)
    logger.info("reconciled")
