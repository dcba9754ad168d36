"""Filters of questions, asked of a real OpenSearch: both clauses and the fetch of neighbours honour them."""

from __future__ import annotations

from typing import Any

import pytest
from opensearchpy import OpenSearch

from docqa.adapters.opensearch_index import OpenSearchChunkIndex
from docqa.adapters.opensearch_search import OpenSearchChunkSearch
from docqa.adapters.opensearch_setup import OpenSearchIndexSetup
from docqa.domain.readers import access_of
from docqa.models.access import Principal
from docqa.models.chunk import Chunk, IndexedChunk
from docqa.models.question import Filters
from docqa.ports.search import SearchQuery

ANA = Principal("acme", "ana")
DIMENSIONS = 2
SIDECARS = {
    "a": '{"metadataAttributes": {"year": 2023, "department": ["ops", "hr"], "date": "2023-04-01", "public": true}}',
    "b": '{"metadataAttributes": {"year": "2023", "department": "ops", "date": "2023-12-31T23:59:00Z"}}',
    "c": '{"metadataAttributes": {"year": 2022.5, "department": "law", "date": "2024-01-01", "size": 12345678}}',
    "d": '{"metadataAttributes": {"note": "department=ops"}}',
    "e": '{"metadataAttributes": {"date": "March 2019"}}',
    "f": '{"metadataAttributes": {"date": "(draft)"}}',
}


@pytest.fixture(scope="module")
def search(client: OpenSearch) -> tuple[OpenSearchChunkSearch, str]:
    setup = OpenSearchIndexSetup(client)
    name = setup.name(DIMENSIONS, "filters")
    setup.create(name, DIMENSIONS)
    index = OpenSearchChunkIndex(client, name, lambda _: None, lambda: 0.0)
    index.write([_chunk(document, sidecar) for document, sidecar in SIDECARS.items()])
    index.refresh()
    return OpenSearchChunkSearch(client), name


def _chunk(document: str, sidecar: str) -> IndexedChunk:
    access = access_of(sidecar.encode(), frozenset({"tenant"}))
    text = f"The runway of {document} is grass."
    chunk = Chunk(0, 1, 0, len(text), text)
    return IndexedChunk(chunk, document, 1, "acme", document, access.readers, 1, (1.0, 0.0), access.attributes)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "abcdef"),
        ({"attributes": {"year": 2023}}, "ab"),
        ({"attributes": {"year": "2023"}}, "b"),
        ({"attributes": {"year": [2022.5, 2021]}}, "c"),
        ({"attributes": {"size": 12345678}}, "c"),
        ({"attributes": {"department": "ops"}}, "ab"),
        ({"attributes": {"department": ["hr", "law"]}}, "ac"),
        ({"attributes": {"department": "ops", "public": True}}, "a"),
        ({"attributes": {"nowhere": "ops"}}, ""),
        ({"since": "2023-05-01"}, "bc"),
        ({"until": "2023-12-31"}, "ab"),
        ({"since": "0001-01-01"}, "abc"),
        ({"until": "9999-12-31"}, "abc"),
        ({"since": "2023-04-01", "until": "2023-04-01"}, "a"),
        ({"attributes": {"year": 2023}, "since": "2023-05-01"}, "b"),
    ],
)
def test_only_documents_that_meet_the_filters_are_found(
    search: tuple[OpenSearchChunkSearch, str], filters: dict[str, Any], found: str
) -> None:
    """Promise 42: filters are on top of readers, inside both clauses."""
    service, index = search
    query = SearchQuery("grass runway", [1.0, 0.0], ANA, Filters.model_validate(filters), index=index)

    hits = service.search(query, 10)

    assert sorted(hit.document_id for hit in hits) == list(found)
    assert all(hit.lexical is not None and hit.cosine is not None for hit in hits)
    neighbours = service.fetch(query, [(document, 1, 0) for document in SIDECARS])
    assert sorted(one.document_id for one in neighbours) == list(found)
