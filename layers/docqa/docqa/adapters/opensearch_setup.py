"""The indexes that the stack makes: mapping, the name they are written under, and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opensearchpy.exceptions import NotFoundError, RequestError

from docqa.adapters.opensearch_client import opensearch_errors, written_alias

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

PREFIX = "docqa-chunks"
# Raise it with a change of the mapping: a new index is made beside the old one and filled from the work bucket.
MAPPING_VERSION = 4
# OpenSearch's own analyzers, for the languages that `domain.languages` tells apart.
LANGUAGE_ANALYZERS = {
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "pt": "portuguese",
    "nl": "dutch",
}
# Whoever needs to find what was just written refreshes: publishing, removing, changing readers. A refresh each second,
# OpenSearch's own, makes segments only for them to be merged, vectors and all: a third to half of the node's work in a
# load.
_REFRESH_INTERVAL = "30s"


class OpenSearchIndexSetup:
    """Implements `services.index_setup.IndexSetup`."""

    def __init__(self, client: OpenSearch) -> None:
        self._client = client

    def name(self, dimensions: int, suffix: str) -> str:
        """What an index of this release's mapping is called."""
        return f"{_current()}{dimensions}-{suffix}"

    def is_current(self, name: str) -> bool:
        """Whether an index of this name has this release's mapping."""
        return name.startswith(_current())

    def create(self, name: str, dimensions: int) -> None:
        """Create the index and the alias that it is written under, unless they are there."""
        with opensearch_errors():
            if not self._client.indices.exists(index=name):
                self._create(name, dimensions)
            self._client.indices.put_alias(index=name, name=written_alias(name))

    def exists(self, name: str) -> bool:
        """Whether the index is there, and can be written."""
        with opensearch_errors():
            return bool(self._client.indices.exists_alias(index=name, name=written_alias(name)))

    def extend(self, name: str, dimensions: int) -> bool:
        """Let an index of an earlier mapping take this release's new fields, and be written; False: there is none."""
        with opensearch_errors():
            if not self._client.indices.exists(index=name):
                return False
            known = self._client.indices.get_mapping(index=name)[name]["mappings"].get("properties", {})
            added = {field: kind for field, kind in _mapping(dimensions)["properties"].items() if field not in known}
            if added:
                self._client.indices.put_mapping(index=name, body={"properties": added})
            self._client.indices.put_alias(index=name, name=written_alias(name))
        return True

    def remove(self, name: str) -> None:
        """Delete the index with everything in it; an absent one is fine."""
        with opensearch_errors():
            try:
                self._client.indices.delete(index=name)
            except NotFoundError:
                return

    def _create(self, name: str, dimensions: int) -> None:
        try:
            self._client.indices.create(index=name, body={"settings": _settings(), "mappings": _mapping(dimensions)})
        except RequestError as error:
            if error.error != "resource_already_exists_exception":  # another deployment was quicker
                raise


def _current() -> str:
    return f"{PREFIX}-v{MAPPING_VERSION}-"


def _settings() -> dict[str, Any]:
    return {
        "index": {
            "knn": True,
            # Some three million passages a shard; more of them would only slow a small index down.
            "number_of_shards": 1,
            # One copy as soon as the domain has a second node.
            "auto_expand_replicas": "0-1",
            "refresh_interval": _REFRESH_INTERVAL,
            "analysis": _analysis(),
        }
    }


def _analysis() -> dict[str, Any]:
    """The english analyzer for titles, in which `AMAZON.COM`, `2023Q4` and `10K` are found by their parts."""
    parts = r"(?<=\p{L})\.(?=\p{L}{2})|(?<=\d)(?=\p{L})|(?<=\p{L})(?=\d)"
    return {
        "char_filter": {"name_parts": {"type": "pattern_replace", "pattern": parts, "replacement": " "}},
        "filter": {
            "english_possessive": {"type": "stemmer", "language": "possessive_english"},
            "english_stop": {"type": "stop"},
            "english_stem": {"type": "stemmer", "language": "english"},
        },
        "analyzer": {
            "title": {
                "type": "custom",
                "char_filter": ["name_parts"],
                "tokenizer": "standard",
                "filter": ["english_possessive", "lowercase", "english_stop", "english_stem"],
            }
        },
    }


def _mapping(dimensions: int) -> dict[str, Any]:
    keyword, integer, english = {"type": "keyword"}, {"type": "integer"}, {"type": "text", "analyzer": "english"}
    languages = {code: {"type": "text", "analyzer": analyzer} for code, analyzer in LANGUAGE_ANALYZERS.items()}
    shown_only = {"type": "integer", "index": False, "doc_values": False}
    return {
        # A field that nobody declared is a mistake of ours, not something to guess a type for.
        "dynamic": "strict",
        # Vectors are most of an index's bytes, and WorkBucket keeps them; `words` is the text once more.
        "_source": {"excludes": ["vector", "words"]},
        "properties": {
            "document_id": keyword,
            "generation": integer,
            "ordinal": integer,
            "tenant": keyword,
            "readers": keyword,
            "revision": {"type": "long"},
            "title": {"type": "text", "analyzer": "title"},
            "headings": english,
            "header": english,
            "text": english,
            # The text by the rules of its language, where that is none of English.
            "words": {"properties": languages},
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
