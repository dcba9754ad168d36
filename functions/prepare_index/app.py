"""Custom resource of the stack: index, alias, and the configuration item that questions and indexing share."""

from __future__ import annotations

from docqa.bootstrap import ingestion
from docqa.config import Settings, load_settings
from docqa.runtime.custom_resource import custom_resource


class PrepareIndexSettings(Settings):
    """Where the index is, and which model's vectors it will hold."""

    documents_table: str
    opensearch_endpoint: str
    embedding_model: str
    embedding_dimensions: int


@custom_resource("docqa-chunks")
def handler() -> None:
    """Make what is missing; documents that are indexed stay, also when the resource is deleted."""
    # Read here, not at import: a missing setting must reach CloudFormation as a reason.
    settings = load_settings(PrepareIndexSettings)
    service = ingestion.prepare_index(settings.documents_table, settings.opensearch_endpoint)
    service.run(settings.embedding_model, settings.embedding_dimensions)
