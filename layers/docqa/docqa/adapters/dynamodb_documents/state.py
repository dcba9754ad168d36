"""Single items: which index is active, and where a sweep stopped."""

from __future__ import annotations

from docqa.adapters.dynamodb_documents.expressions import Change, Key
from docqa.adapters.dynamodb_documents.reads import TableItems
from docqa.models.chunk import IndexConfiguration

CONFIGURATION: Key = ("configuration", "index")


class StateItems(TableItems):
    """The part of `ports.DocumentRegistry` that is about the stack, not about documents."""

    def index_configuration(self) -> IndexConfiguration | None:
        """The configuration item that questions and indexing share."""
        item = self._table.get(CONFIGURATION)
        if item is None:
            return None
        return IndexConfiguration(
            index=item["index"], embedding_model=item["embedding_model"], dimensions=int(item["dimensions"])
        )

    def set_index_configuration(self, configuration: IndexConfiguration) -> None:
        """Switch the active index."""
        document_id, item = CONFIGURATION
        self._table.put(
            {
                "document_id": document_id,
                "item": item,
                "index": configuration.index,
                "embedding_model": configuration.embedding_model,
                "dimensions": configuration.dimensions,
            }
        )

    def sweep_position(self, sweep: str) -> str | None:
        """Where the last run of this sweep stopped."""
        item = self._table.get(_sweep_key(sweep))
        return None if item is None else item.get("position")

    def set_sweep_position(self, sweep: str, position: str | None) -> None:
        """Note where a run stopped."""
        if position is None:
            self._table.update(Change(_sweep_key(sweep), "REMOVE #position"))
        else:
            self._table.update(Change(_sweep_key(sweep), "SET #position = :position", {"position": position}))


def _sweep_key(sweep: str) -> Key:
    return "sweep", sweep
