"""Preparing the search index when the stack is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from docqa.errors import ConfigurationError
from docqa.models.chunk import IndexConfiguration
from docqa.ports.documents import DocumentRegistry


class IndexSetup(Protocol):
    """Makes the index."""

    def create(self, dimensions: int) -> str:
        """Create index and alias for vectors of so many floats unless they are there; the index's name."""
        ...


@dataclass(frozen=True, slots=True)
class PrepareIndex:
    """Makes index, alias and the configuration item that questions and indexing share."""

    registry: DocumentRegistry
    setup: IndexSetup

    def run(self, model: str, dimensions: int) -> str:
        """Make what is missing and leave what is there; the index's name.

        Raises:
            ConfigurationError: documents are indexed with another embedding model or other dimensions.
        """
        present = self.registry.index_configuration()
        if present is None:
            configuration = IndexConfiguration(self.setup.create(dimensions), model, dimensions)
            self.registry.set_index_configuration(configuration)
            return configuration.index
        if (present.embedding_model, present.dimensions) != (model, dimensions):
            raise ConfigurationError(
                f"The index {present.index} holds vectors of {present.embedding_model} ({present.dimensions} floats). "
                f"Changing to {model} ({dimensions}) needs a re-embedding of every document: deploy with the old "
                "EmbeddingModel and EmbeddingDimensions, or into a new stack."
            )
        return self.setup.create(dimensions)
