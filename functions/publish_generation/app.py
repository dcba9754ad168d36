"""Step 9 of ingest_document: one registry write makes the new generation the one that answers."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.models.work import PublicationWork
from docqa.runtime.step import step


class PublishGenerationSettings(Settings):
    """The registry, the index, and whom to tell."""

    documents_table: str
    opensearch_endpoint: str
    maintenance_queue_url: str
    event_bus_name: str


settings = load_settings(PublishGenerationSettings)
service = ingestion.publish_generation(
    settings.documents_table,
    settings.opensearch_endpoint,
    settings.maintenance_queue_url,
    settings.event_bus_name,
)


@step
def handler(work: PublicationWork) -> None:
    """Publish, then start the clean-up of what was replaced."""
    service.run(work)
