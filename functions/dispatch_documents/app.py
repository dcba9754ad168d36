"""Start executions for versions that wait: on receipt, on every ended execution, and every minute."""

from __future__ import annotations

from pydantic import Field

from docqa.bootstrap import lifecycle, spending
from docqa.config import Settings, load_settings
from docqa.models.notices import DispatchMessage, DispatchRequest, ExecutionNotice
from docqa.runtime.logging import logger
from docqa.runtime.queue import QueueRecord, each_record


class DispatchDocumentsSettings(Settings):
    """The registry, the state machine, and how much of it may run, by capacity and by budgets."""

    documents_table: str
    ingest_state_machine_arn: str
    maintenance_queue_url: str
    ingest_capacity: int = Field(ge=1, description="Executions at once.")
    ingest_deadline_seconds: int = Field(ge=60, description="How long one execution may take.")
    spending_table: str
    tenant_daily_budget_usd: float | None = Field(default=None, ge=0, description="Absent: no limit.")


settings = load_settings(DispatchDocumentsSettings)
service = lifecycle.dispatch(
    settings.documents_table,
    settings.ingest_state_machine_arn,
    settings.maintenance_queue_url,
    settings.ingest_capacity,
    settings.ingest_deadline_seconds,
    spending.budgets(settings.spending_table, settings.tenant_daily_budget_usd),
)


@each_record
def handler(record: QueueRecord) -> None:
    """Take one message: a version that waits, an execution that ended, or a tick."""
    started = _started(DispatchMessage.validate_json(record.body))
    logger.info("dispatched", extra={"started": started})


def _started(message: ExecutionNotice | DispatchRequest) -> int:
    if isinstance(message, ExecutionNotice):
        return service.ended(message.detail.name) if message.ended else 0
    if message.document_id is None or message.generation is None:
        return service.dispatch()
    return service.dispatch((message.document_id, message.generation))
