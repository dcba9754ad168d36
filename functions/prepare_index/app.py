"""Custom resource of the stack: index, alias, and the configuration item that questions and indexing share."""

from __future__ import annotations

from docqa.bootstrap import search_index
from docqa.config import Settings, load_settings
from docqa.errors import ConfigurationError
from docqa.runtime.custom_resource import custom_resource


class PrepareIndexSettings(Settings):
    """Where the index is, and which model's vectors it will hold."""

    documents_table: str
    opensearch_endpoint: str
    embedding_model: str
    embedding_dimensions: int
    next_embedding_model: str = ""
    next_embedding_dimensions: int = 0


@custom_resource("docqa-chunks")
def handler() -> None:
    """Make what is missing, and an index beside it where another model is wanted.

    What is indexed stays, also when the resource is deleted.
    """
    # Read here, not at import: a missing setting must reach CloudFormation as a reason.
    settings = load_settings(PrepareIndexSettings)
    if bool(settings.next_embedding_model) is not bool(settings.next_embedding_dimensions):
        raise ConfigurationError("NextEmbeddingModel and NextEmbeddingDimensions go together")
    service = search_index.prepare_index(settings.documents_table, settings.opensearch_endpoint)
    service.run(
        settings.embedding_model,
        settings.embedding_dimensions,
        settings.next_embedding_model,
        settings.next_embedding_dimensions,
    )
