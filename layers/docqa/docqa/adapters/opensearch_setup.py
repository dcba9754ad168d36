"""The index that the stack makes: mapping, alias, and which index and model are in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opensearchpy.exceptions import RequestError

from docqa.adapters.opensearch_client import ALIAS, opensearch_errors

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

# Raise it with a change of the mapping: a new index is made beside the old one and filled again.
_MAPPING_VERSION = 3


class OpenSearchIndexSetup:
    """Implements `services.index_setup.IndexSetup`."""

    def __init__(self, client: OpenSearch) -> None:
        self._client = client

    def create(self, dimensions: int) -> str:
        """Create index and alias unless they are there; the index's name."""
        name = f"{ALIAS}-v{_MAPPING_VERSION}-{dimensions}"
        with opensearch_errors():
            if not self._client.indices.exists(index=name):
                self._create(name, dimensions)
            if not self._client.indices.exists_alias(name=ALIAS):
                self._client.indices.put_alias(index=name, name=ALIAS)
        return name

    def _create(self, name: str, dimensions: int) -> None:
        try:
            self._client.indices.create(index=name, body={"settings": _settings(), "mappings": _mapping(dimensions)})
        except RequestError as error:
            if error.error != "resource_already_exists_exception":  # another deployment was quicker
                raise


def _settings() -> dict[str, Any]:
    return {
        "index": {
            "knn": True,
            # Some three million passages a shard; more of them would only slow a small index down.
            "number_of_shards": 1,
            # One copy as soon as the domain has a second node.
            "auto_expand_replicas": "0-1",
        }
    }


def _mapping(dimensions: int) -> dict[str, Any]:
    keyword, integer, english = {"type": "keyword"}, {"type": "integer"}, {"type": "text", "analyzer": "english"}
    shown_only = {"type": "integer", "index": False, "doc_values": False}
    return {
        # A field that nobody declared is a mistake of ours, not something to guess a type for.
        "dynamic": "strict",
        # Vectors are most of an index's bytes, and WorkBucket keeps them.
        "_source": {"excludes": ["vector"]},
        "properties": {
            "document_id": keyword,
            "generation": integer,
            "ordinal": integer,
            "tenant": keyword,
            "readers": keyword,
            "revision": {"type": "long"},
            "title": english,
            "headings": english,
            "header": english,
            "text": english,
            "page": integer,
            "label": {"type": "keyword", "index": False, "doc_values": False},
            "hidden": shown_only,
            "start": shown_only,
            "end": shown_only,
            "attributes": {"type": "flat_object"},
            "vector": {
                "type": "knn_vector",
                "dimension": dimensions,
                # The engine that filters while it searches, and the one that the local node has.
                "method": {
                    "name": "hnsw",
                    "engine": "lucene",
                    "space_type": "cosinesimil",
                    "parameters": {"m": 16, "ef_construction": 128},
                },
            },
        },
    }
