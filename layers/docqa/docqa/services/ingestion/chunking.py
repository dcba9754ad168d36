"""Step 6: pages become passages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from docqa.domain.artifacts import GenerationArtifacts, owner
from docqa.domain.spans import CHUNKS_PER_SPAN, chunk_spans
from docqa.errors import EmptyDocumentError
from docqa.models.chunk import Chunk
from docqa.models.document import DocumentReference
from docqa.models.work import Chunking
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.reading import Splitter
from docqa.services.active_indexes import index_configuration
from docqa.services.ingestion.embedding_route import EmbeddingRouter
from docqa.services.ingestion.storage import load_pages, load_source, require_current, save_chunks
from docqa.services.ingestion.vectors import vectors_prefix


@dataclass(frozen=True, slots=True)
class ChunkDocument:
    """Cuts a document and shares the passages out."""

    work: ObjectStore
    registry: DocumentRegistry
    splitter: Splitter
    router: EmbeddingRouter
    clock: Clock

    def go_on(self, reference: DocumentReference) -> Chunking:
        """What an earlier execution wrote, to go on with now that its vectors are there, or can come no more.

        Raises:
            StaleVersionError: the generation is no longer wanted.
        """
        document = require_current(self.registry, reference)
        generation = self.registry.get_generation(reference.document_id, reference.generation)
        chunks = generation.chunks if generation else 0
        return Chunking(chunks=chunks, spans=chunk_spans(chunks), revision=document.revision)

    def run(self, reference: DocumentReference) -> Chunking:
        """Write the chunks in spans, and decide on which way they are embedded.

        Their number is on record before any of them is indexed: clean-up computes their ids from it.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            EmptyDocumentError: no passage came out.
        """
        started = self.clock.now()
        document = require_current(self.registry, reference)
        source = load_source(self.work, reference)
        pages = load_pages(self.work, GenerationArtifacts(reference).pages)
        count = 0
        for chunks in _batches(self.splitter.split(pages)):
            count = save_chunks(self.work, reference, chunks).last + 1
        if count == 0:
            raise EmptyDocumentError("No text was found on any page of the document.")
        choice = self.router.choose(reference.tenant, count)
        self.registry.record_chunks(reference, count, choice)
        for index in index_configuration(self.registry).written:
            # Before they are embedded side by side: claims of one version get into each other's way.
            self.registry.claim_artifact(vectors_prefix(reference.tenant, source, index), owner(reference))
        self.registry.add_usage(reference, "chunk", {}, {"chunk": self.clock.now() - started})
        return Chunking(chunks=count, spans=chunk_spans(count), revision=document.revision, route=choice.route)


def _batches(chunks: Iterator[Chunk]) -> Iterator[list[Chunk]]:
    while batch := list(islice(chunks, CHUNKS_PER_SPAN)):
        yield batch
