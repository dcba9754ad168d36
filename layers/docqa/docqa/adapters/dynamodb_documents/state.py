"""Single items: which index is active, and where a sweep stopped."""

from __future__ import annotations

from dataclasses import replace

from docqa.adapters.dynamodb_documents.configuration import configuration_item, configuration_of
from docqa.adapters.dynamodb_documents.expressions import Change, Key, Put
from docqa.adapters.dynamodb_documents.reads import TableItems
from docqa.adapters.dynamodb_faults import ConditionFailedError
from docqa.errors import ConcurrentUpdateError
from docqa.models.search_index import IndexConfiguration

CONFIGURATION: Key = ("configuration", "index")


class StateItems(TableItems):
    """The part of `ports.DocumentRegistry` that is about the stack, not about documents."""

    def index_configuration(self) -> IndexConfiguration | None:
        """The configuration item that questions and indexing share."""
        item = self._table.get(CONFIGURATION)
        return None if item is None else configuration_of(item)

    def set_index_configuration(self, configuration: IndexConfiguration) -> IndexConfiguration:
        """Write the item if nobody else has."""
        written = replace(configuration, lock=configuration.lock + 1)
        document_id, item = CONFIGURATION
        content = {"document_id": document_id, "item": item, **configuration_item(written)}
        # Releases that knew one index only wrote no lock.
        unchanged = "attribute_not_exists(#lock) OR #lock = :lock" if not configuration.lock else "#lock = :lock"
        try:
            self._table.transact([Put(content, unchanged, {"lock": configuration.lock})])
        except ConditionFailedError as error:
            raise ConcurrentUpdateError("the index configuration was written meanwhile") from error
        return written

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
