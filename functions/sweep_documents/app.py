"""Sweeps by schedule: overdue versions and lost places often, bucket against registry daily."""

from __future__ import annotations

from dataclasses import asdict

from docqa.bootstrap import lifecycle
from docqa.bootstrap.lifecycle import DefaultReaders
from docqa.config import Settings, load_settings
from docqa.models.notices import SweepRequest
from docqa.runtime.logging import logger
from docqa.runtime.step import step

# Well within the function's 900 s: the object at which the time ran out is still finished.
BUCKET_SWEEP_SECONDS = 600.0


class SweepDocumentsSettings(Settings):
    """The bucket, the registry, the state machine, and whom to tell."""

    documents_bucket: str
    documents_table: str
    ingest_state_machine_arn: str
    dispatch_queue_url: str
    maintenance_queue_url: str
    event_bus_name: str
    default_readers: DefaultReaders = "nobody"


settings = load_settings(SweepDocumentsSettings)
deadlines = lifecycle.deadline_sweep(
    settings.documents_table,
    settings.ingest_state_machine_arn,
    settings.maintenance_queue_url,
    settings.dispatch_queue_url,
    settings.event_bus_name,
)
bucket = lifecycle.bucket_sweep(
    settings.documents_bucket,
    settings.documents_table,
    lifecycle.receipt(
        settings.documents_bucket,
        settings.documents_table,
        settings.dispatch_queue_url,
        settings.maintenance_queue_url,
        settings.event_bus_name,
        settings.default_readers,
    ),
)


@step
def handler(request: SweepRequest) -> None:
    """Run the sweep that the schedule asks for."""
    counts = deadlines.run() if request.sweep == "deadlines" else asdict(bucket.run(BUCKET_SWEEP_SECONDS))
    logger.info("swept", extra={"sweep": request.sweep, "counts": counts})
