"""Sweeps by schedule: overdue versions and lost places; bucket against registry, a part at a time, once a day."""

from __future__ import annotations

from dataclasses import asdict

from docqa.bootstrap import lifecycle
from docqa.config import Settings, load_settings
from docqa.models.notices import SweepRequest
from docqa.runtime.logging import logger
from docqa.runtime.step import step

# The schedule comes every five minutes: a run ends before the next one begins, and the page at which the time ran out
# is still finished. Between two sweeps a run reads one item and ends.
BUCKET_SWEEP_SECONDS = 240.0


class SweepDocumentsSettings(Settings):
    """The bucket, the registry, the state machine, and whom to tell."""

    documents_bucket: str
    documents_table: str
    ingest_state_machine_arn: str
    dispatch_queue_url: str
    maintenance_queue_url: str
    ingest_queue_url: str
    event_bus_name: str


settings = load_settings(SweepDocumentsSettings)
deadlines = lifecycle.deadline_sweep(
    settings.documents_table,
    settings.ingest_state_machine_arn,
    settings.maintenance_queue_url,
    settings.dispatch_queue_url,
    settings.event_bus_name,
)
bucket = lifecycle.bucket_sweep(
    settings.documents_bucket, settings.documents_table, settings.ingest_queue_url, settings.maintenance_queue_url
)


@step
def handler(request: SweepRequest) -> None:
    """Run the sweep that the schedule asks for."""
    counts = dict(deadlines.run()) if request.sweep == "deadlines" else asdict(bucket.run(BUCKET_SWEEP_SECONDS))
    logger.info("swept", extra={"sweep": request.sweep, "counts": counts})
