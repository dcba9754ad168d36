"""Bulk writes to OpenSearch: what is sent again, what is reported, what counts as done."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.adapters.opensearch_index import OpenSearchChunkIndex
from docqa.errors import ChunksRejectedError, ServiceUnavailableError, ThrottledError
from docqa.models.chunk import Chunk, IndexedChunk

DOCUMENT = "d" * 32


class BulkNode:
    """A node's bulk API with external versions; by ordinal, statuses to answer first.

    Attributes:
        stored: Body by id; versions beside it.
        requests: Ordinals of each request, in order.
    """

    def __init__(self, faults: dict[int, list[int]] | None = None) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.requests: list[list[int]] = []
        self._versions: dict[str, int] = {}
        self._faults = faults or {}

    def bulk(self, body: list[dict[str, Any]], params: dict[str, str]) -> dict[str, Any]:
        assert params == {"require_alias": "true"}
        actions = iter(body)
        items, self_ordinals = [], []
        for action in actions:
            ((kind, meta),) = action.items()
            source = next(actions) if kind == "index" else {}
            ordinal = int(meta["_id"].rsplit(":", 1)[1])
            self_ordinals.append(ordinal)
            items.append({kind: self._apply(kind, meta, source, ordinal)})
        self.requests.append(self_ordinals)
        return {"errors": any(item[kind]["status"] >= 300 for item in items for kind in item), "items": items}

    def _apply(self, kind: str, meta: dict[str, Any], source: dict[str, Any], ordinal: int) -> dict[str, Any]:
        if self._faults.get(ordinal):
            status = self._faults[ordinal].pop(0)
            return {"status": status, "error": {"type": "made_up_exception", "reason": source.get("text", "")}}
        if kind == "delete":
            return {"status": 200 if self.stored.pop(meta["_id"], None) else 404}
        if meta["version"] <= self._versions.get(meta["_id"], 0):
            return {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": ""}}
        self._versions[meta["_id"]] = meta["version"]
        self.stored[meta["_id"]] = source
        return {"status": 201}


def chunks(count: int, revision: int = 1, text: str = "words") -> list[IndexedChunk]:
    return [
        IndexedChunk(
            Chunk(ordinal, 1, 0, len(text), text),
            DOCUMENT,
            1,
            "acme",
            "A title",
            frozenset({"tenant"}),
            revision,
            (1.0,),
        )
        for ordinal in range(count)
    ]


def index_over(node: BulkNode, waits: list[float] | None = None) -> OpenSearchChunkIndex:
    client: Any = node
    return OpenSearchChunkIndex(client, "chunks", (waits if waits is not None else []).append, lambda: 1.0)


def test_only_items_refused_in_passing_are_sent_again() -> None:
    """Promise 25: of a mixed answer only 429 and 503 are retried, 409 is success; waits grow."""
    node, waits = BulkNode({1: [429, 503], 2: [409], 3: [429]}), []

    index_over(node, waits).write(chunks(5))

    assert node.requests == [[0, 1, 2, 3, 4], [1, 3], [1]]
    assert waits == [0.5, 1.0]


def test_what_is_refused_for_good_is_named_by_ordinal_and_the_rest_is_written() -> None:
    """Promises 25, 49: a 400 is reported by chunk, never retried, and never quoted."""
    node = BulkNode({2: [400, 400], 3: [429]})

    with pytest.raises(ChunksRejectedError, match=r"refused 1 of 5 passages: 2 \(made_up_exception\)") as refusal:
        index_over(node).write(chunks(5, text="secret words"))

    assert "secret" not in str(refusal.value)
    assert node.requests == [[0, 1, 2, 3, 4], [3]]
    assert len(node.stored) == 4


def test_a_domain_that_keeps_refusing_is_a_throttle_not_a_failure() -> None:
    """Promise 25: what stays refused in passing is the state machine's to wait for."""
    node = BulkNode({0: [429] * 99})

    with pytest.raises(ThrottledError):
        index_over(node).write(chunks(2))

    assert node.requests == [[0, 1], [0], [0], [0], [0]]


def test_a_missing_alias_is_told_apart_from_a_refused_chunk() -> None:
    with pytest.raises(ServiceUnavailableError, match="made and filled again"):
        index_over(BulkNode({0: [404]})).write(chunks(1))


def test_writing_twice_changes_nothing() -> None:
    """Promise 26: indexing twice changes nothing."""
    node = BulkNode()
    index_over(node).write(chunks(3))
    before = dict(node.stored)

    index_over(node).write(chunks(3, text="other words"))

    assert node.stored == before


@given(st.permutations(range(1, 6)), st.lists(st.integers(1, 5), max_size=5))
def test_the_newest_revision_stays_whatever_the_order(order: list[int], repeats: list[int]) -> None:
    """Promise 27: an older version never overwrites a newer one."""
    node = BulkNode()

    for revision in [*order, *repeats]:
        index_over(node).write(chunks(2, revision, f"as of {revision}"))

    assert {body["text"] for body in node.stored.values()} == {"as of 5"}


def test_removal_goes_by_computed_ids_and_absent_ones_are_fine() -> None:
    """Promise 16: chunks are removed by their ids, in requests of bounded size."""
    node = BulkNode()
    index_over(node).write(chunks(3))

    index_over(node).remove(DOCUMENT, 1, 1_500)

    assert node.stored == {}
    assert [len(request) for request in node.requests] == [3, 1_000, 500]


def test_long_vectors_go_in_several_requests_and_what_one_refuses_stops_no_other() -> None:
    """Promise 25: 400 is reported by chunk, and everything else is written."""
    node = BulkNode({0: [400]})
    long = [replace(one, vector=(0.5,) * 100_000) for one in chunks(5)]

    with pytest.raises(ChunksRejectedError, match="refused 1 of 5"):
        index_over(node).write(long)

    assert node.requests == [[0, 1], [2, 3], [4]]
    assert len(node.stored) == 4


@given(st.floats(-2.0, 2.0, width=32))
def test_a_component_is_written_with_no_more_digits_than_it_has(component: float) -> None:
    node = BulkNode()

    index_over(node).write([replace(one, vector=(component,)) for one in chunks(1)])

    (written,) = (body["vector"][0] for body in node.stored.values())
    assert abs(written - component) <= 5.1e-10
    assert len(repr(written)) <= len("-0.123456789e-10")
