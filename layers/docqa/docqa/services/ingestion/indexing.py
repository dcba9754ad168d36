"""Step 8: passages with their vectors go into the search index, carrying who may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from docqa.domain.live_access import passage_readers
from docqa.errors import NotFoundError, NotYetVisibleError, ServiceUnavailableError
from docqa.models.chunk import IndexedChunk
from docqa.models.document import Document, DocumentReference
from docqa.models.search_index import SearchIndex
from docqa.models.work import ChunkSpan, ChunkWork
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.search import ChunkIndex
from docqa.services.active_indexes import index_configuration
from docqa.services.ingestion.storage import load_chunks, load_source, require_current
from docqa.services.ingestion.vectors import check_vectors, embedded_texts, unpack, vectors_name, vectors_prefix


@dataclass(frozen=True, slots=True)
class ChunkIndexer:
    """Writes spans of a generation from the work bucket into the index; ingestion and maintenance both use it."""

    work: ObjectStore
    indexes: Callable[[str], ChunkIndex]

    def index_span(self, reference: DocumentReference, document: Document, span: ChunkSpan, index: SearchIndex) -> None:
        """Index the chunks of a span with the attributes and revision of `document`, and the readers of this version.

        Raises:
            NotYetVisibleError: their vectors cannot be read.
            ChunksRejectedError: the index refused some for good.
        """
        source = load_source(self.work, reference)
        chunks = load_chunks(self.work, reference, span)
        name = vectors_name(span, embedded_texts(source, chunks))
        vectors = self._vectors(vectors_prefix(reference.tenant, source, index) + name, len(chunks), index.dimensions)
        self.indexes(index.name).write(
            [
                IndexedChunk(
                    chunk=chunk,
                    document_id=reference.document_id,
                    generation=reference.generation,
                    tenant=reference.tenant,
                    title=source.title,
                    readers=passage_readers(document, reference.generation),
                    revision=document.revision,
                    vector=vector,
                    attributes=document.attributes,
                )
                for chunk, vector in zip(chunks, vectors, strict=True)
            ]
        )

    def _vectors(self, key: str, count: int, dimensions: int) -> list[tuple[float, ...]]:
        try:
            vectors = unpack(self.work.read(key), dimensions)
        except NotFoundError as error:
            raise NotYetVisibleError("the vectors of these passages cannot be read yet") from error
        check_vectors(vectors, count, dimensions)
        return vectors


@dataclass(frozen=True, slots=True)
class IndexChunks:
    """The pipeline's step: index a span of the generation that is being processed, wherever passages are written."""

    registry: DocumentRegistry
    indexer: ChunkIndexer
    clock: Clock

    def run(self, work: ChunkWork) -> None:
        """Index the chunks of the span with the readers that the document has now.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            ChunksRejectedError: the index refused some for good.
        """
        started = self.clock.now()
        document = require_current(self.registry, work.reference)
        configuration = index_configuration(self.registry)
        for index in configuration.written:
            with _optional(index == configuration.retiring):
                self.indexer.index_span(work.reference, document, work.span, index)
        timings = {"index": self.clock.now() - started}
        self.registry.add_usage(work.reference, f"index:{work.span.first}", {}, timings)


@contextmanager
def _optional(index_retires: bool) -> Iterator[None]:
    """An index that retires may be gone already, or its model's vectors never made: nobody asks it for long."""
    try:
        yield
    except (NotYetVisibleError, ServiceUnavailableError):
        if not index_retires:
            raise
