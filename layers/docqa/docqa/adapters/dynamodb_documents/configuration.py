"""The configuration item: which attribute holds what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docqa.adapters.dynamodb_documents.expressions import Item
from docqa.models.search_index import IndexConfiguration, SearchIndex, Walk


def configuration_item(configuration: IndexConfiguration) -> Item:
    """The item, without its key."""
    walk = configuration.walk
    return {
        "index": configuration.index,
        "embedding_model": configuration.embedding_model,
        "dimensions": configuration.dimensions,
        "unnamed_vectors": configuration.unnamed_vectors,
        "complete": configuration.complete,
        "next": _index_map(configuration.next),
        "next_since": configuration.next_since,
        "retiring": _index_map(configuration.retiring),
        "retired_at": configuration.retired_at,
        "abandoned": list(configuration.abandoned),
        "walk": None
        if walk is None
        else {
            "started_at": walk.started_at,
            "cursor": walk.cursor or "",
            "seen": walk.seen,
            "lacking": walk.lacking,
        },
        "walked_at": configuration.walked_at,
        "lock": configuration.lock,
    }


def configuration_of(item: Mapping[str, Any]) -> IndexConfiguration:
    """The configuration of an item."""
    return IndexConfiguration(
        index=item["index"],
        embedding_model=item["embedding_model"],
        dimensions=int(item["dimensions"]),
        # The first release wrote neither this nor a lock, and the model of no vectors.
        unnamed_vectors=bool(item.get("unnamed_vectors", True)),
        complete=bool(item.get("complete", True)),
        next=_index_of(item.get("next")),
        next_since=float(item.get("next_since", 0)),
        retiring=_index_of(item.get("retiring")),
        retired_at=float(item.get("retired_at", 0)),
        abandoned=tuple(item.get("abandoned", ())),
        walk=_walk_of(item.get("walk")),
        walked_at=float(item.get("walked_at", 0)),
        lock=int(item.get("lock", 0)),
    )


def _index_map(index: SearchIndex | None) -> Item | None:
    if index is None:
        return None
    return {
        "name": index.name,
        "embedding_model": index.embedding_model,
        "dimensions": index.dimensions,
        "unnamed_vectors": index.unnamed_vectors,
    }


def _index_of(value: Mapping[str, Any] | None) -> SearchIndex | None:
    if value is None:
        return None
    return SearchIndex(
        value["name"], value["embedding_model"], int(value["dimensions"]), bool(value["unnamed_vectors"])
    )


def _walk_of(value: Mapping[str, Any] | None) -> Walk | None:
    if value is None:
        return None
    return Walk(float(value["started_at"]), value["cursor"] or None, int(value["seen"]), int(value["lacking"]))
