"""What is asked of the index, and what its answers mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.adapters.opensearch_search import OpenSearchChunkSearch, access_filter
from docqa.errors import ConfigurationError, ServiceUnavailableError, ThrottledError
from docqa.models.access import Principal
from docqa.ports.search import SearchQuery

ANA = Principal("acme", "ana", frozenset({"staff"}))
SOURCE = {
    "document_id": "d",
    "generation": 2,
    "ordinal": 5,
    "title": "Handbook",
    "headings": "Runways",
    "header": "",
    "label": "",
    "hidden": [[4, 9]],
    "text": "Grass.",
    "page": 3,
    "start": 10,
    "end": 16,
}


class SearchNode:
    """Answers every multi-search with the same responses."""

    def __init__(self, *responses: dict[str, Any]) -> None:
        self.responses = list(responses)
        self.bodies: list[list[dict[str, Any]]] = []

    def msearch(self, body: list[dict[str, Any]]) -> dict[str, Any]:
        self.bodies.append(body)
        return {"responses": self.responses}


def hits(*found: tuple[str, float]) -> dict[str, Any]:
    return {
        "status": 200,
        "hits": {"hits": [{"_id": name, "_score": score, "_source": SOURCE} for name, score in found]},
    }


def search(node: Any, query: SearchQuery) -> Any:
    return OpenSearchChunkSearch(node).search(query, 100)


@given(
    groups=st.frozensets(st.text(min_size=1, max_size=5), max_size=4),
    exclude=st.frozensets(st.tuples(st.text(min_size=1, max_size=3), st.integers(1, 3)), max_size=6),
)
def test_both_clauses_carry_one_filter_of_the_callers_claims(
    groups: frozenset[str], exclude: frozenset[tuple[str, int]]
) -> None:
    """Promise 42: tenant and readers filter inside the k-NN clause, around it, and the BM25 clause alike."""
    node = SearchNode(hits(), hits())
    search(node, SearchQuery("why", [0.1], Principal("acme", "ana", groups), exclude=exclude, index="chunks"))

    ((_, lexical, _, vector),) = node.bodies
    (nearest,) = vector["query"]["bool"]["must"]
    filters = [
        *lexical["query"]["bool"]["filter"],
        *vector["query"]["bool"]["filter"],
        nearest["knn"]["vector"]["filter"],
    ]
    assert filters == [filters[0]] * 3
    tenant, readers = filters[0]["bool"]["filter"]
    assert tenant == {"term": {"tenant": "acme"}}
    assert set(readers["terms"]["readers"]) == {"tenant", *(f"group:{group}" for group in groups)}
    ruled_out = {
        (document, clause["bool"]["filter"][0]["term"]["generation"])
        for clause in filters[0]["bool"]["must_not"]
        for document in clause["bool"]["filter"][1]["terms"]["document_id"]
    }
    assert ruled_out == exclude
    assert "should" not in str(node.bodies)


@pytest.mark.parametrize("nobody", [Principal("", "ana"), Principal("acme", "")])
def test_without_claims_nothing_is_asked(nobody: Principal) -> None:
    """Promise 42: missing claims, no results."""
    node = SearchNode()

    assert search(node, SearchQuery("why", [0.1], nobody, index="chunks")) == []
    assert node.bodies == []


def test_a_chunk_that_both_clauses_found_has_both_scores() -> None:
    both, *others = sorted(
        search(
            SearchNode(hits(("a", 7.5), ("b", 3.0)), hits(("a", 0.9), ("c", 0.6))),
            SearchQuery("why", [0.1], ANA, index="chunks"),
        ),
        key=lambda chunk: -(chunk.lexical or 0),
    )

    assert (both.lexical, both.cosine) == (7.5, pytest.approx(0.8))
    assert [(chunk.lexical, chunk.cosine) for chunk in others] == [(3.0, None), (None, pytest.approx(0.2))]
    assert both.chunk.headings == ("Runways",)
    assert both.key == ("d", 2, 5)


@pytest.mark.parametrize(
    ("part", "meaning"),
    [
        ({"status": 429, "error": {"type": "rejected_execution_exception"}}, ThrottledError),
        ({"status": 503, "error": {"type": "no_shard_available_action_exception"}}, ServiceUnavailableError),
        ({"status": 200, "timed_out": True, "hits": {"hits": []}}, ServiceUnavailableError),
        ({"status": 200, "_shards": {"failed": 1}, "hits": {"hits": []}}, ServiceUnavailableError),
        ({"status": 400, "error": {"type": "query_shard_exception"}}, ConfigurationError),
    ],
)
def test_half_an_answer_is_no_answer(part: dict[str, Any], meaning: type[Exception]) -> None:
    """Promise 28: a search that partly failed must not look like nothing found."""
    with pytest.raises(meaning):
        search(SearchNode(hits(), part), SearchQuery("why", [0.1], ANA, index="chunks"))


def test_chunks_are_fetched_by_name_behind_the_same_filter() -> None:
    """Promise 42: a neighbour is read by nobody who may not search it."""
    node = SearchNode(hits(("d:2:5", 0.0)))
    query = SearchQuery("why", [0.1], ANA, exclude=frozenset({("e", 1)}), index="chunks")

    (found,) = OpenSearchChunkSearch(node).fetch(query, [("d", 2, 5), ("d", 2, 6)])  # type: ignore[arg-type]

    ((header, request),) = node.bodies
    assert header == {"index": "chunks"}
    assert request["query"]["bool"]["filter"] == [{"ids": {"values": ["d:2:5", "d:2:6"]}}, access_filter(query)]
    assert (found.key, found.lexical, found.cosine) == (("d", 2, 5), None, None)
    assert OpenSearchChunkSearch(node).fetch(SearchQuery("why", [0.1], Principal("", "ana"), index="chunks"), []) == []
