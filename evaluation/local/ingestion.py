"""A folder of documents through every step of ingestion, as the state machine runs them, in one process."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from opensearchpy import OpenSearch

from docqa.adapters.bedrock_embeddings import CohereEmbeddings
from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.adapters.opensearch_index import OpenSearchChunkIndex
from docqa.adapters.text_splitter import LangChainSplitter
from docqa.adapters.textract import TextractTextExtractor
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.sandbox import sandboxed, sandboxed_detector
from docqa.errors import RetryableError
from docqa.models.access import TENANT_READERS
from docqa.models.document import DocumentReference
from docqa.models.work import (
    ChunkWork,
    CollectionWork,
    ExtractionWork,
    NextStep,
    OcrFeatures,
    PageWork,
    PublicationWork,
)
from docqa.ports.documents import Receipt
from docqa.ports.reading import DocumentFormat
from docqa.services.ingestion.chunking import ChunkDocument
from docqa.services.ingestion.collection import CollectPages
from docqa.services.ingestion.embedding import EmbedChunks, SpanEmbedder
from docqa.services.ingestion.embedding_route import EmbeddingRouter
from docqa.services.ingestion.extraction import PrepareExtraction
from docqa.services.ingestion.extraction_jobs import StartTextExtraction
from docqa.services.ingestion.fetching import FetchResults
from docqa.services.ingestion.indexing import ChunkIndexer, IndexChunks
from docqa.services.ingestion.inspection import InspectDocument, InspectionRules
from docqa.services.ingestion.page_reading import ReadPages
from docqa.services.ingestion.publication import PublishGeneration
from evaluation.local.model_clients import TextractClient
from evaluation.local.stores import FolderStore
from tests.fakes.jobs import InMemoryJobRegistry
from tests.fakes.messages import RecordingBus, RecordingQueue, RecordingWorkflow
from tests.fakes.registry import InMemoryDocumentRegistry

# As template.yaml has them.
RULES = InspectionRules(max_bytes=500_000_000, max_pages=3_000, chunk_characters=1_200, ocr_features=OcrFeatures.TABLES)
_FOREVER = 1e9
_PAUSES = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Place:
    """Where a set's documents are kept and found.

    Attributes:
        documents: The set's own folder, as a bucket.
        work: Pages, passages, extractions and vectors; kept between runs.
        registry: Which documents there are.
        tenant: Whose they are.
    """

    documents: FolderStore
    work: FolderStore
    registry: InMemoryDocumentRegistry
    tenant: str


class Reading:
    """The steps from a file to its pages.

    Args:
        place: Stores and registry.
        textract: Reads what has no text layer.
    """

    def __init__(self, place: Place, textract: TextractClient) -> None:
        documents, work, registry, clock = place.documents, place.work, place.registry, SystemClock()
        formats: Mapping[str, DocumentFormat] = {kind: sandboxed(maker) for kind, maker in MAKERS.items()}
        selectors = {kind: sandboxed(maker) for kind, maker in MAKERS.items()}
        extractor, jobs = TextractTextExtractor(textract), InMemoryJobRegistry()  # type: ignore[arg-type]
        self._place = place
        self._inspect = InspectDocument(documents, work, registry, sandboxed_detector(detector), formats, RULES, clock)
        self._read = ReadPages(documents, work, registry, formats, clock)
        self._prepare = PrepareExtraction(documents, work, registry, selectors, RULES.ocr_features)
        self._start = StartTextExtraction(work, jobs, extractor, RecordingWorkflow(), clock)
        fetch = FetchResults(work, registry, jobs, extractor, clock)
        self._collect = CollectPages(work, registry, fetch, clock, _FOREVER)

    def run(self, path: str) -> DocumentReference:
        """Receive a document and read its pages.

        Raises:
            DocumentError: it cannot be read; the sentence says why.
        """
        reference = self._receive(path)
        inspection = self._inspect.run(reference)
        for span in inspection.spans:
            self._read.run(PageWork(reference=reference, span=span, media_type=inspection.media_type))
        following = NextStep.EXTRACT
        while following is not NextStep.CHUNK:
            following = self._extract(reference)
        return reference

    def _receive(self, path: str) -> DocumentReference:
        place, now = self._place, time.time()
        stored = place.documents.head(f"{place.tenant}/{path}")
        assert stored is not None
        receipt = Receipt(stored, place.tenant, "", frozenset({TENANT_READERS}), {}, "", "")
        generation = place.registry.admit(receipt, None, now)
        reference = place.registry.claim_slot(generation, 1_000_000, now + _FOREVER, now)
        assert reference is not None
        return reference

    def _extract(self, reference: DocumentReference) -> NextStep:
        """One round: what lacks a text layer, and then all pages together."""
        plan = self._prepare.run(reference)
        if plan.pages and not plan.ready:
            # Twice: the first call starts the job, which ends in this process; the second one sees that it has.
            for _ in range(2):
                self._start.run(ExtractionWork(reference=reference, plan=plan, task_token="none"))  # noqa: S106
        following = NextStep.COLLECT
        while following is NextStep.COLLECT:
            following = self._collect.run(CollectionWork(reference=reference, plan=plan)).next
        return following


class Ingestion:
    """All steps, in their order.

    Args:
        place: Stores and registry.
        opensearch: The node.
        embeddings: The embedding model.
        textract: Reads what has no text layer.
    """

    def __init__(
        self, place: Place, opensearch: OpenSearch, embeddings: CohereEmbeddings, textract: TextractClient
    ) -> None:
        work, registry, clock = place.work, place.registry, SystemClock()
        self._reading = Reading(place, textract)
        router = EmbeddingRouter.at_once(registry, clock)
        self._chunk = ChunkDocument(work, registry, LangChainSplitter(RULES.chunk_characters), router, clock)
        self._embed = EmbedChunks(registry, SpanEmbedder(work, registry, lambda _: embeddings, clock))

        def indexes(name: str) -> OpenSearchChunkIndex:
            return OpenSearchChunkIndex(opensearch, name, time.sleep, random.random)

        self._index = IndexChunks(registry, ChunkIndexer(work, indexes), clock)
        self._publish = PublishGeneration(registry, indexes, RecordingQueue(), RecordingBus(), clock)

    def run(self, path: str) -> DocumentReference:
        """One document, from its receipt to the write that makes it answer.

        Raises:
            DocumentError: it cannot be read; the sentence says why.
        """
        reference = self._reading.run(path)
        chunking = self._chunk.run(reference)
        for span in chunking.spans:
            work = ChunkWork(reference=reference, span=span)
            _patiently(lambda work=work: self._embed.run(work))  # type: ignore[misc]
            _patiently(lambda work=work: self._index.run(work))  # type: ignore[misc]
        _patiently(lambda: self._publish.run(PublicationWork(reference=reference, revision=chunking.revision)))
        return reference


def _patiently(step: Callable[[], None]) -> None:
    """Again when a service is busy, as the state machine does it."""
    for pause in _PAUSES:
        try:
            return step()
        except RetryableError:
            time.sleep(pause)
    return step()


def document_paths(folder: Path) -> Iterator[str]:
    """Every file below a folder, by its path from there."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield path.relative_to(folder).as_posix()
