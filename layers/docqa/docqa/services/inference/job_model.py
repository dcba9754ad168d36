"""The model that jobs embed passages with."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.models.search_index import SearchIndex


@dataclass(frozen=True, slots=True)
class JobModel:
    """The one that the settings name, whose vectors no other model's index may hold.

    Once an index with the next model answers, and until a deployment names that model, jobs embed with the old one.

    Attributes:
        name: As in `SearchIndex`.
        dimensions: Floats a vector.
    """

    name: str
    dimensions: int

    def is_of(self, index: SearchIndex) -> bool:
        """Whether the index holds vectors of this model."""
        return (index.embedding_model, index.dimensions) == (self.name, self.dimensions)
