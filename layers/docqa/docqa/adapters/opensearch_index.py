"""The search index, written to. Ids and versions make every write repeatable, and an older one harmless."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docqa.adapters.opensearch_client import missing_index, opensearch_errors, written_alias
from docqa.domain.languages import language_of
from docqa.errors import ChunksRejectedError, NotYetVisibleError, ThrottledError
from docqa.ids import chunk_id
from docqa.models.chunk import IndexedChunk
from docqa.ports.search import Held

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_CONFLICT = 409  # this revision or a newer one is there already
_ABSENT = 404
_PASSING = frozenset({429, 503})
# Waits of at most 0.5, 1, 2 and 4 s: a queue of the domain that is full for longer is the state machine's to wait for.
_TRIES = 5
_FIRST_WAIT_SECONDS = 0.5
# Ids of one delete request: 1,000 lines of some 100 bytes.
_REMOVED_PER_REQUEST = 1_000
_NAMED_REJECTIONS = 5
# Of one bulk request: some 3 MB of digits, where the smallest search instances take 10 MB.
_FLOATS_PER_REQUEST = 250_000
# Vectors are floats of 32 bits: what is behind the ninth decimal of a component comes from writing it as a longer one,
# and only costs time on both sides.
_DECIMALS = 9
# The index was made by an earlier release, and the deployment has not told it of this release's fields yet.
_OLDER_MAPPING = "strict_dynamic_mapping_exception"
# Versions of one document that leave passages behind at the same time: the live one, a running one, some void ones.
_GENERATIONS = 1_000


@dataclass(frozen=True, slots=True)
class _Operation:
    """One line pair of a bulk request."""

    ordinal: int
    action: dict[str, Any]
    body: dict[str, Any] | None = None


class OpenSearchChunkIndex:
    """Implements `ports.ChunkIndex`.

    Args:
        client: See `opensearch_client`.
        index: Its name.
        sleep: Waits that many seconds.
        jitter: A random number from 0 to 1, so that writers who were refused together do not return together.
    """

    def __init__(
        self, client: OpenSearch, index: str, sleep: Callable[[float], None], jitter: Callable[[], float]
    ) -> None:
        self._client = client
        self._index = index
        self._alias = written_alias(index)
        self._sleep = sleep
        self._jitter = jitter

    def write(self, chunks: Sequence[IndexedChunk]) -> None:
        """Index the chunks under their computed ids and the metadata revision as version."""
        self._bulk([_indexing(self._alias, chunk) for chunk in chunks])

    def remove(self, document_id: str, generation: int, chunks: int) -> None:
        """Delete chunks 0 to `chunks` - 1; absent ones are fine."""
        for first in range(0, chunks, _REMOVED_PER_REQUEST):
            ordinals = range(first, min(first + _REMOVED_PER_REQUEST, chunks))
            self._bulk([_removal(self._alias, document_id, generation, ordinal) for ordinal in ordinals])

    def count(self, document_id: str, generation: int) -> int:
        """Chunks of the generation that a search can find now."""
        mine = [{"term": {"document_id": document_id}}, {"term": {"generation": generation}}]
        with opensearch_errors():
            answer = self._client.count(index=self._index, body={"query": {"bool": {"filter": mine}}})
        return int(answer["count"])

    def inventory(self, document_ids: Sequence[str]) -> dict[tuple[str, int], Held]:
        """What a search can find now of these documents, by document id and generation."""
        if not document_ids:
            return {}
        with opensearch_errors():
            answer = self._client.search(index=self._index, body=_inventory(document_ids))
        return {
            (document["key"], int(generation["key"])): Held(
                int(generation["doc_count"]), int(generation["revision"]["value"])
            )
            for document in answer["aggregations"]["documents"]["buckets"]
            for generation in document["generations"]["buckets"]
        }

    def refresh(self) -> None:
        """Return when everything written before is searchable."""
        with opensearch_errors():
            self._client.indices.refresh(index=self._index)

    def _bulk(self, operations: Sequence[_Operation]) -> None:
        """Send until nothing is left; only what was refused in passing is sent again.

        Raises:
            ChunksRejectedError: some were refused for good; everything else is written.
            ThrottledError: some were refused in passing to the end.
        """
        waiting, rejected = list(operations), dict[int, str]()
        for attempt in range(_TRIES):
            if attempt:
                self._sleep(self._jitter() * _FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            waiting = self._send(waiting, rejected)
            if not waiting:
                break
        if rejected:
            raise _rejection(rejected, len(operations))
        if waiting:
            raise ThrottledError(f"OpenSearch refused {len(waiting)} of {len(operations)} chunks for the moment")

    def _send(self, operations: Sequence[_Operation], rejected: dict[int, str]) -> list[_Operation]:
        """Send once; what is to be sent again. What is refused for good is added to `rejected`."""
        return [passing for request in _requests(operations) for passing in self._request(request, rejected)]

    def _request(self, operations: Sequence[_Operation], rejected: dict[int, str]) -> list[_Operation]:
        with opensearch_errors():
            answer = self._client.bulk(body=list(_lines(operations)), params={"require_alias": "true"})
        passing = []
        for operation, item in zip(operations, answer["items"], strict=True):
            ((kind, result),) = item.items()
            status = int(result["status"])
            if status in _PASSING:
                passing.append(operation)
            elif status == _ABSENT and kind == "index":
                raise missing_index()
            elif not _is_done(status):
                # The type alone: the reason may quote the passage.
                kind_of_error = str(result.get("error", {}).get("type", status))
                if kind_of_error == _OLDER_MAPPING:
                    raise NotYetVisibleError("the index does not know this release's fields yet: it is being deployed")
                rejected[operation.ordinal] = kind_of_error
        return passing


def _requests(operations: Sequence[_Operation]) -> Iterator[Sequence[_Operation]]:
    """The operations in requests that every domain takes."""
    floats = max((len(one.body["vector"]) for one in operations if one.body is not None), default=0)
    most = max(_FLOATS_PER_REQUEST // floats, 1) if floats else len(operations)
    for first in range(0, len(operations), most):
        yield operations[first : first + most]


def _is_done(status: int) -> bool:
    return status in (200, 201, _CONFLICT, _ABSENT)


def _lines(operations: Iterable[_Operation]) -> Iterable[dict[str, Any]]:
    for operation in operations:
        yield operation.action
        if operation.body is not None:
            yield operation.body


def _inventory(document_ids: Sequence[str]) -> dict[str, Any]:
    """Counts by document and generation; exact, because no bucket is left out."""
    generations = {
        "terms": {"field": "generation", "size": _GENERATIONS},
        "aggs": {"revision": {"min": {"field": "revision"}}},
    }
    documents = {"terms": {"field": "document_id", "size": len(document_ids)}, "aggs": {"generations": generations}}
    return {
        "size": 0,
        "query": {"bool": {"filter": [{"terms": {"document_id": list(document_ids)}}]}},
        "aggs": {"documents": documents},
    }


def _indexing(alias: str, indexed: IndexedChunk) -> _Operation:
    chunk = indexed.chunk
    name = chunk_id(indexed.document_id, indexed.generation, chunk.ordinal)
    action = {"index": {"_index": alias, "_id": name, "version": indexed.revision, "version_type": "external"}}
    body = {
        "document_id": indexed.document_id,
        "generation": indexed.generation,
        "ordinal": chunk.ordinal,
        "tenant": indexed.tenant,
        "readers": sorted(indexed.readers),
        "revision": indexed.revision,
        "title": indexed.title,
        "headings": list(chunk.headings),
        "header": chunk.header,
        "text": chunk.text,
        "page": chunk.page,
        "label": chunk.label,
        "hidden": [list(span) for span in chunk.hidden],
        "start": chunk.start,
        "end": chunk.end,
        "attributes": indexed.attributes,
        "vector": [round(component, _DECIMALS) for component in indexed.vector],
    }
    if language := language_of(chunk.text):
        body["words"] = {language: chunk.text}
    return _Operation(chunk.ordinal, action, body)


def _removal(alias: str, document_id: str, generation: int, ordinal: int) -> _Operation:
    name = chunk_id(document_id, generation, ordinal)
    return _Operation(ordinal, {"delete": {"_index": alias, "_id": name}})


def _rejection(rejected: dict[int, str], total: int) -> ChunksRejectedError:
    named = ", ".join(f"{ordinal} ({kind})" for ordinal, kind in sorted(rejected.items())[:_NAMED_REJECTIONS])
    more = " and others" if len(rejected) > _NAMED_REJECTIONS else ""
    return ChunksRejectedError(f"The search index refused {len(rejected)} of {total} passages: {named}{more}.")
