"""A failed attempt, told by the state machine or by the event of its ended execution."""

from __future__ import annotations

from docqa.bootstrap import lifecycle
from docqa.config import Settings, load_settings
from docqa.models.notices import FailureReport
from docqa.runtime.logging import logger
from docqa.runtime.step import step


class RecordFailureSettings(Settings):
    """The registry, and whom to tell."""

    documents_table: str
    maintenance_queue_url: str
    dispatch_queue_url: str
    event_bus_name: str


settings = load_settings(RecordFailureSettings)
service = lifecycle.failures(
    settings.documents_table,
    settings.maintenance_queue_url,
    settings.dispatch_queue_url,
    settings.event_bus_name,
)


@step
def handler(report: FailureReport) -> None:
    """Record the failure once."""
    failed = service.report(report)
    logger.info("failure reported", extra={"error": report.error, "recorded": failed})
