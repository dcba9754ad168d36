"""Many documents at once: dropped into the bucket, followed in the registry, counted in the index, removed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from benchmarks.ingest.bench import Bench
from cli.errors import CommandError
from docqa import ids
from docqa.models.document import Document, DocumentStatus

# Nobody asks for this tenant: what is measured answers no question of the demo's.
TENANT = "bench"
FINAL = frozenset(
    {DocumentStatus.INDEXED, DocumentStatus.PARTIALLY_INDEXED, DocumentStatus.FAILED, DocumentStatus.DELETED}
)
PUTS_AT_ONCE = 8
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Ended:
    """How a document ended.

    Attributes:
        seconds: From its drop to its end; None if it has not ended.
        tries: Executions of it that ended without a result.
    """

    name: str
    document_id: str
    status: str
    seconds: float | None
    pages: int = 0
    ocr: int = 0
    empty: int = 0
    chunks: int = 0
    attempts: int = 0
    tries: int = 0
    failure: str = ""
    warnings: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass
class Load:
    """One set of documents in the stack."""

    bench: Bench
    tenant: str = TENANT
    prefix: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    dropped: dict[str, tuple[str, float]] = field(default_factory=dict)

    def drop(self, files: Iterable[tuple[str, bytes]]) -> float:
        """Put all of them at once; the moment before the first, in seconds since the epoch."""
        s3, bucket = self.bench.client("s3"), self.bench.stack.output("DocumentsBucketName")
        began = time.time()

        def put(file: tuple[str, bytes]) -> None:
            name, content = file
            key = f"{self.tenant}/{self.prefix}/{name}"
            self.dropped[ids.document_id(bucket, key)] = (name, time.time())
            s3.put_object(Bucket=bucket, Key=key, Body=content)

        with ThreadPoolExecutor(PUTS_AT_ONCE) as pool:
            list(pool.map(put, files))
        return began

    def follow(self, seconds: float, look: Callable[[Mapping[str, Document]], None] | None = None) -> list[Ended]:
        """Wait until all have ended; those that have not after `seconds` are told as they are then."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.bench.registry.get_many(self.dropped)
            if look:
                look(found)
            if len(found) == len(self.dropped) and all(one.status in FINAL for one in found.values()):
                break
            if time.monotonic() > deadline:
                break
            time.sleep(LOOK_SECONDS)
        return [self._ended(document_id, found.get(document_id)) for document_id in self.dropped]

    def _ended(self, document_id: str, document: Document | None) -> Ended:
        name, at = self.dropped[document_id]
        if document is None:
            return Ended(name, document_id, "LOST", None)
        generation = self.bench.registry.get_generation(document_id, document.latest_generation)
        assert generation is not None
        done = generation.ended_at or document.updated_at
        return Ended(
            name,
            document_id,
            document.status.value,
            round(done - at, 2) if document.status in FINAL else None,
            generation.pages.total,
            generation.pages.ocr,
            generation.pages.empty,
            generation.chunks,
            generation.attempt,
            generation.tries,
            f"{document.failure.code}: {document.failure.message}" if document.failure else "",
            generation.warnings,
        )

    def chunks_in_index(self) -> dict[str, int]:
        """Chunks that the index holds, by document."""
        url = f"{self.bench.urls.opensearch_url}/{self._index()}"
        httpx.post(f"{url}/_refresh", trust_env=False, timeout=60).raise_for_status()
        by_document = {"terms": {"field": "document_id", "size": len(self.dropped) + 1}}
        body = {
            "size": 0,
            "query": {"terms": {"document_id": list(self.dropped)}},
            "aggs": {"by_document": by_document},
        }
        answer = httpx.post(f"{url}/_search", json=body, trust_env=False, timeout=60).raise_for_status().json()
        return {one["key"]: one["doc_count"] for one in answer["aggregations"]["by_document"]["buckets"]}

    def _index(self) -> str:
        configuration = self.bench.registry.index_configuration()
        if configuration is None:
            raise CommandError("The stack has no search index: deploy it again.")
        return configuration.index

    def remove(self, seconds: float = 300) -> None:
        """Delete the documents, and wait until their chunks are gone, so that the next load begins in quiet."""
        s3, bucket = self.bench.client("s3"), self.bench.stack.output("DocumentsBucketName")
        keys = [f"{self.tenant}/{self.prefix}/{name}" for name, _ in self.dropped.values()]
        for start in range(0, len(keys), 500):
            batch = [{"Key": key} for key in keys[start : start + 500]]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        deadline = time.monotonic() + seconds
        while self.chunks_in_index():
            if time.monotonic() > deadline:
                raise CommandError(f"The chunks of deleted documents are still there after {seconds:.0f} s.")
            time.sleep(LOOK_SECONDS)


def require_indexed(ended: Sequence[Ended]) -> None:
    """Stop a measurement of documents that did not all get through.

    Raises:
        CommandError: naming the first that did not.
    """
    for one in ended:
        if one.status != "INDEXED":
            raise CommandError(f"{one.name} ended as {one.status}: {one.failure or 'not within the time'}")
