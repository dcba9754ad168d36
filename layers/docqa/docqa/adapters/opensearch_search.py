"""Implements `ports.ChunkSearch`: BM25 and k-NN in one multi-search, both behind the same access filter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from opensearchpy import OpenSearch

from docqa.adapters.opensearch_client import missing_index, opensearch_errors
from docqa.adapters.opensearch_filters import narrowing
from docqa.domain.languages import language_of
from docqa.domain.title_query import title_query
from docqa.errors import ConfigurationError, ServiceUnavailableError, ThrottledError
from docqa.ids import chunk_id
from docqa.models.access import Principal
from docqa.models.chunk import Chunk, ScoredChunk
from docqa.ports.search import SearchQuery

# The title is a clause of its own (domain/title_query.py).
TEXT_FIELDS = ("text", "headings^0.5", "header^0.5")
# Of a question in another language than English the common words stand in `text` too: it finds names, numbers and what
# is in no language that is told.
_TEXT_BESIDE_WORDS = "text^0.5"
_SOURCE = ["document_id", "generation", "ordinal", "title", "headings", "header", "text", "page", "label", "hidden"]
_SOURCE += ["start", "end"]
_TOO_MANY_REQUESTS = 429
_SERVER_FAULT = 500
_ABSENT = 404


class OpenSearchChunkSearch:
    """Asks the index that a query names."""

    def __init__(self, client: OpenSearch) -> None:
        self._client = client

    def search(self, query: SearchQuery, limit: int) -> list[ScoredChunk]:
        """The union of at most `limit` BM25 and `limit` k-NN candidates, with raw scores, unfused.

        Raises:
            ThrottledError, ServiceUnavailableError: the cluster cannot answer now.
        """
        if not may_search(query.principal):
            return []
        access = access_filter(query)
        header = {"index": query.index}
        bodies = [header, lexical_request(query, access, limit), header, vector_request(query, access, limit)]
        with opensearch_errors():
            answer = self._client.msearch(body=bodies)
        lexical, vector = (_hits(part) for part in answer["responses"])
        return _union(lexical, vector)

    def fetch(self, query: SearchQuery, keys: Sequence[tuple[str, int, int]]) -> list[ScoredChunk]:
        """Chunks by document, generation and ordinal, as far as the query's caller may read them. Raises as above."""
        if not may_search(query.principal):
            return []
        wanted = {"ids": {"values": [chunk_id(*key) for key in keys]}}
        request = _request({"bool": {"filter": [wanted, access_filter(query)]}}, len(keys))
        with opensearch_errors():
            answer = self._client.msearch(body=[{"index": query.index}, request])
        return [_chunk(hit["_source"], None, None) for hit in _hits(answer["responses"][0])]


def may_search(principal: Principal) -> bool:
    """Whether there are claims to filter by: none, no results."""
    return bool(principal.tenant and principal.subject)


def access_filter(query: SearchQuery) -> dict[str, Any]:
    """The filter of both clauses: what the caller may read, narrowed by the question, without what is ruled out."""
    required: list[dict[str, Any]] = [
        {"term": {"tenant": query.principal.tenant}},
        {"terms": {"readers": sorted(query.principal.reader_tokens())}},
    ]
    required += narrowing(query.filters)
    by_generation: dict[int, list[str]] = defaultdict(list)
    for document_id, generation in sorted(query.exclude):
        by_generation[generation].append(document_id)
    excluded = [
        {"bool": {"filter": [{"term": {"generation": generation}}, {"terms": {"document_id": documents}}]}}
        for generation, documents in by_generation.items()
    ]
    return {"bool": {"filter": required, "must_not": excluded}}


def lexical_request(query: SearchQuery, access: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """BM25 over text and headings, and over the title for what the question says about the document it means."""
    titles = title_query(query.text)
    clauses = [
        {"multi_match": {"query": query.text, "fields": _text_fields(query.text), "type": "most_fields"}},
        {"match": {"title": {"query": titles.text, "boost": titles.boost}}},
    ]
    # Their sum: beside a filter, the clauses of a `should` would be optional.
    match = {"dis_max": {"queries": clauses, "tie_breaker": 1.0}}
    return _request({"bool": {"must": [match], "filter": [access]}}, limit)


def _text_fields(question: str) -> list[str]:
    """What is searched for the question's words; an index of an earlier mapping has nothing in a language's field."""
    text, *above = TEXT_FIELDS
    language = language_of(question)
    return [f"words.{language}", _TEXT_BESIDE_WORDS, *above] if language else [text, *above]


def vector_request(query: SearchQuery, access: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """k-NN. The filter is inside the clause too: around it alone, it is applied after the search and leaves too few."""
    nearest = {"knn": {"vector": {"vector": list(query.vector), "k": limit, "filter": access}}}
    return _request({"bool": {"must": [nearest], "filter": [access]}}, limit)


def _request(query: Mapping[str, Any], limit: int) -> dict[str, Any]:
    return {"query": query, "size": limit, "_source": _SOURCE, "track_total_hits": False}


def _hits(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    status = part.get("status", 200)
    if status == _ABSENT:
        raise missing_index()
    if status == _TOO_MANY_REQUESTS:
        raise ThrottledError("OpenSearch has too much to do at the moment")
    if status >= _SERVER_FAULT or part.get("timed_out") or part.get("_shards", {}).get("failed"):
        raise ServiceUnavailableError(f"OpenSearch could not search ({status})")
    if "error" in part:
        raise ConfigurationError(f"the index refuses the search: {part['error'].get('type', status)}")
    hits: list[dict[str, Any]] = part["hits"]["hits"]
    return hits


def _union(lexical: list[dict[str, Any]], vector: list[dict[str, Any]]) -> list[ScoredChunk]:
    bm25 = {hit["_id"]: float(hit["_score"]) for hit in lexical}
    # The engine's score for cosine similarity is (1 + cosine) / 2.
    cosine = {hit["_id"]: 2 * float(hit["_score"]) - 1 for hit in vector}
    found = {hit["_id"]: hit["_source"] for hit in [*lexical, *vector]}
    return [_chunk(source, bm25.get(key), cosine.get(key)) for key, source in found.items()]


def _chunk(source: Mapping[str, Any], lexical: float | None, cosine: float | None) -> ScoredChunk:
    headings = source.get("headings") or ()
    return ScoredChunk(
        chunk=Chunk(
            ordinal=source["ordinal"],
            page=source["page"],
            start=source["start"],
            end=source["end"],
            text=source["text"],
            headings=(headings,) if isinstance(headings, str) else tuple(headings),
            header=source["header"],
            label=source["label"],
            hidden=tuple((start, end) for start, end in source["hidden"]),
        ),
        document_id=source["document_id"],
        generation=source["generation"],
        title=source["title"],
        lexical=lexical,
        cosine=cosine,
    )
