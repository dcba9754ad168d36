"""Step 8: passages with their vectors go into the search index, carrying who may read them."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.errors import ConfigurationError, NotFoundError, NotYetVisibleError
from docqa.models.chunk import IndexedChunk
from docqa.models.document import Document, DocumentReference
from docqa.models.work import ChunkSpan, ChunkWork
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.search import ChunkIndex
from docqa.services.ingestion.embedding import check_vectors, embedded_texts, unpack, vectors_key
from docqa.services.ingestion.storage import load_chunks, load_source, require_current


@dataclass(frozen=True, slots=True)
class ChunkIndexer:
    """Writes spans of a generation from the work bucket into the index; ingestion and maintenance both use it."""

    work: ObjectStore
    registry: DocumentRegistry
    index: ChunkIndex

    def index_span(self, reference: DocumentReference, document: Document, span: ChunkSpan) -> None:
        """Index the chunks of a span with the readers, attributes and revision of `document`.

        Raises:
            NotYetVisibleError: their vectors cannot be read.
            ChunksRejectedError: the index refused some for good.
        """
        source = load_source(self.work, reference)
        chunks = load_chunks(self.work, reference, span)
        key = vectors_key(reference, source, span, embedded_texts(source, chunks))
        vectors = self._vectors(key, len(chunks))
        self.index.write(
            [
                IndexedChunk(
                    chunk=chunk,
                    document_id=reference.document_id,
                    generation=reference.generation,
                    tenant=reference.tenant,
                    title=source.title,
                    readers=document.readers,
                    revision=document.revision,
                    vector=vector,
                    attributes=document.attributes,
                )
                for chunk, vector in zip(chunks, vectors, strict=True)
            ]
        )

    def _vectors(self, key: str, count: int) -> list[tuple[float, ...]]:
        index = self.registry.index_configuration()
        if index is None:
            raise ConfigurationError("no index is prepared: deploy the stack again")
        try:
            vectors = unpack(self.work.read(key), index.dimensions)
        except NotFoundError as error:
            raise NotYetVisibleError("the vectors of these passages cannot be read yet") from error
        check_vectors(vectors, count, index.dimensions)
        return vectors


@dataclass(frozen=True, slots=True)
class IndexChunks:
    """The pipeline's step: index a span of the generation that is being processed."""

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
        self.indexer.index_span(work.reference, document, work.span)
        timings = {"index": self.clock.now() - started}
        self.registry.add_usage(work.reference, f"index:{work.span.first}", {}, timings)
