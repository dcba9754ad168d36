"""Jobs of passages: what is embedded for which version, and where the vectors go."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from docqa import ids
from docqa.domain.charges import embedding_charge
from docqa.domain.pricing import tokens_usd
from docqa.domain.spans import CHUNKS_PER_SPAN, chunk_spans
from docqa.errors import NotYetVisibleError
from docqa.models.document import DocumentReference, Generation, GenerationStatus
from docqa.models.inference import InferenceJob, Record, RecordResult, Route, Vector
from docqa.models.search_index import SearchIndex
from docqa.models.source import Source
from docqa.models.work import ChunkSpan
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import WorkQueue
from docqa.ports.objects import ObjectStore
from docqa.services.active_indexes import index_configuration
from docqa.services.ingestion.storage import load_chunks, load_source
from docqa.services.ingestion.vectors import (
    embedded_texts,
    load_part,
    pack,
    save_part,
    vectors_name,
    vectors_prefix,
)
from docqa.services.metering import Meter, Unmetered


@dataclass(frozen=True, slots=True)
class _Version:
    """A member of a job, as far as it still wants vectors."""

    generation: Generation
    source: Source

    @property
    def reference(self) -> DocumentReference:
        return self.generation.reference()


@dataclass(slots=True)
class _Span:
    """Vectors of a span that have come so far, by their place in it."""

    vectors: dict[int, Vector] = field(default_factory=dict)
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class VectorContents:
    """Implements `JobContents` for passages. A record's id is `<document>:<generation>:<ordinal>`.

    Attributes:
        dispatch: Of those who start executions.
        metering: Takes down what the tokens cost.
    """

    registry: DocumentRegistry
    work: ObjectStore
    dispatch: WorkQueue
    clock: Clock
    metering: Meter = field(default_factory=Unmetered)

    def records(self, job: InferenceJob) -> Iterator[Record[str]]:
        """The passages of members that have no vectors yet, equal texts of a tenant once."""
        index = self._index(job)
        if index is None:
            return
        seen: set[str] = set()
        for version in self._versions(job):
            prefix = vectors_prefix(job.group.tenant, version.source, index)
            for span in chunk_spans(version.generation.chunks):
                texts = embedded_texts(version.source, load_chunks(self.work, version.reference, span))
                key = prefix + vectors_name(span, texts)
                if key in seen or self.work.exists(key):
                    continue
                seen.add(key)
                there = load_part(self.work, key)
                for place, text in enumerate(texts):
                    if place not in there:
                        yield Record(_record_id(version.generation, span.first + place), text)

    def deliver(self, job: InferenceJob, results: Iterable[RecordResult[Vector]]) -> Mapping[str, int]:
        """Write the vectors where `SpanEmbedder` looks for them: whole spans, and what there is of the others."""
        index = self._index(job)
        if index is None:
            return {}
        versions = {(one.generation.document_id, one.generation.generation): one for one in self._versions(job)}
        spans: dict[tuple[str, int, int], _Span] = {}
        counts = {"delivered": 0, "refused": 0}
        for result in results:
            document_id, number, ordinal = _parts(result.id)
            version = versions.get((document_id, number))
            vector = result.value
            if version is None or vector is None or not _is_good(vector, index.dimensions):
                counts["refused"] += version is not None
                continue
            first = ordinal - ordinal % CHUNKS_PER_SPAN
            span = spans.setdefault((document_id, number, first), _Span())
            span.vectors[ordinal - first] = vector
            span.tokens += result.tokens
            counts["delivered"] += 1
            if len(span.vectors) == _length(version.generation, first):
                self._write(job, version, first, spans.pop((document_id, number, first)), index)
        for (document_id, number, first), span in spans.items():
            self._write(job, versions[document_id, number], first, span, index)
        return counts

    def wake(self, job: InferenceJob) -> None:
        """Let the versions have their turn: with a place, as any other."""
        now = self.clock.now()
        for member in sorted(job.members):
            parts = ids.execution_parts(member)
            if parts is not None:
                self.registry.hasten(*parts, now)
        self.dispatch.send({})

    def _write(self, job: InferenceJob, version: _Version, first: int, found: _Span, index: SearchIndex) -> None:
        span = ChunkSpan(first=first, last=first + _length(version.generation, first) - 1)
        texts = embedded_texts(version.source, load_chunks(self.work, version.reference, span))
        key = vectors_prefix(job.group.tenant, version.source, index) + vectors_name(span, texts)
        before = load_part(self.work, key)
        vectors = {**before, **found.vectors}
        whole = len(vectors) == len(texts)
        if whole:
            self.work.write(key, pack([vectors[place] for place in range(len(texts))]))
        else:
            save_part(self.work, key, vectors)
        batch = job.group.route is Route.BATCH
        usage = {
            "embedded_texts": float(len(found.vectors)),
            "embedded_tokens": float(found.tokens),
            "usd": tokens_usd(index.embedding_model, found.tokens, batch=batch),
        }
        waited = {"embed": max(0.0, self.clock.now() - job.started_at)}
        key_of_usage = f"embed:{index.name}:{first}:{job.job_id}"
        self.registry.add_usage(version.reference, key_of_usage, usage, waited if first == 0 else {})
        charge = embedding_charge(index.embedding_model, found.tokens, batch=batch)
        self.metering.charge(job.group.tenant, charge, key=f"{job.job_id}:{key}")

    def _index(self, job: InferenceJob) -> SearchIndex | None:
        """The index whose vectors these are, while it is written."""
        written = index_configuration(self.registry).written
        return next((one for one in written if one.name == job.group.subject), None)

    def _versions(self, job: InferenceJob) -> Iterator[_Version]:
        wanted = (GenerationStatus.RECEIVED, GenerationStatus.PROCESSING)
        for member in sorted(job.members):
            parts = ids.execution_parts(member)
            generation = self.registry.get_generation(*parts) if parts else None
            if generation is None or generation.status not in wanted or not generation.chunks:
                continue
            try:
                source = load_source(self.work, generation.reference())
            except NotYetVisibleError:
                continue  # it was removed meanwhile
            yield _Version(generation, source)


def _record_id(generation: Generation, ordinal: int) -> str:
    return ids.chunk_id(generation.document_id, generation.generation, ordinal)


def _parts(record_id: str) -> tuple[str, int, int]:
    document_id, number, ordinal = record_id.rsplit(":", 2)
    return document_id, int(number), int(ordinal)


def _length(generation: Generation, first: int) -> int:
    return min(CHUNKS_PER_SPAN, generation.chunks - first)


def _is_good(vector: Vector, dimensions: int) -> bool:
    """Promise 29: what the index could not hold, or would answer nonsense from, is embedded again."""
    length = math.hypot(*vector)
    return len(vector) == dimensions and math.isfinite(length) and length > 0.0
