"""The steps of ingestion over fakes, run in the order of the state machine, with deaths to inject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.adapters.text_splitter import LangChainSplitter
from docqa.domain.parsing_limits import ParsingLimits
from docqa.models.access import TENANT_READERS
from docqa.models.document import Document, DocumentReference, Generation
from docqa.models.search_index import IndexConfiguration, SearchIndex
from docqa.models.work import (
    ChunkWork,
    CollectionWork,
    ExtractionPlan,
    ExtractionWork,
    NextStep,
    OcrFeatures,
    PageWork,
    PublicationWork,
)
from docqa.ports.documents import Receipt
from docqa.services.index_filling import IndexFilling
from docqa.services.ingestion.chunking import ChunkDocument
from docqa.services.ingestion.collection import CollectPages
from docqa.services.ingestion.embedding import EmbedChunks, SpanEmbedder
from docqa.services.ingestion.embedding_route import EmbeddingRouter
from docqa.services.ingestion.extraction import PrepareExtraction
from docqa.services.ingestion.extraction_jobs import ResumeIngestion, StartTextExtraction
from docqa.services.ingestion.fetching import FetchResults
from docqa.services.ingestion.indexing import ChunkIndexer, IndexChunks
from docqa.services.ingestion.inspection import InspectDocument, InspectionRules
from docqa.services.ingestion.page_reading import ReadPages
from docqa.services.ingestion.publication import PublishGeneration
from docqa.services.maintenance import MaintenanceService
from docqa.services.metering import Meter, Unmetered
from tests.fakes.bucket import VersionedBucket
from tests.fakes.chunk_index import InMemoryChunkIndex, InMemoryIndexes
from tests.fakes.embeddings import HashedWordEmbeddings
from tests.fakes.jobs import InMemoryJobRegistry
from tests.fakes.messages import ManualClock, RecordingBus, RecordingQueue, RecordingWorkflow
from tests.fakes.registry import InMemoryDocumentRegistry
from tests.fakes.text_extractor import ScriptedTextExtractor

MODEL, DIMENSIONS, INDEX = "hashed-words", 16, "chunks-v1-16-first"
CHANGES = frozenset(
    {"write", "delete", "delete_prefix", "remove", "refresh", "send", "publish", "succeed", "fail", "start", "join"}
    | {"set_started", "finish", "give_up", "record_inspection", "record_pages", "record_chunks", "add_usage"}
    | {"claim_artifact", "start_making", "stop_making", "release_slot", "record_stage", "embed_documents"}
    | {"create", "extend", "set_index_configuration", "set_indexed_revision"}
)


LIMITS = ParsingLimits()
FETCHING_SECONDS = 100.0


class MadeWhenNeeded(dict[str, Any]):
    """Formats by media type."""

    def __missing__(self, media_type: str) -> Any:
        self[media_type] = MAKERS[media_type](LIMITS)
        return self[media_type]


class KilledError(Exception):
    """The process died."""


@dataclass
class Fate:
    """Counts changes to the outside world, and kills the process at one of them.

    Attributes:
        at: Which change, counted from 0; None: nobody dies.
        after: The change was still made.
    """

    at: int | None = None
    after: bool = False
    changes: int = 0

    def meet(self, change: Callable[[], Any]) -> Any:
        mine, self.changes = self.changes == self.at, self.changes + 1
        if mine and not self.after:
            raise KilledError
        result = change()
        if mine:
            raise KilledError
        return result


class Mortal:
    """A fake whose changes are subject to fate."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self._inner, self._fate = inner, fate

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if name not in CHANGES:
            return value
        return lambda *args, **named: self._fate.meet(lambda: value(*args, **named))


@dataclass
class Pipeline:
    """The outside world, and the steps that work on it."""

    fate: Fate = field(default_factory=Fate)
    extracted: list[str | None] = field(default_factory=list)
    chunk_characters: int = 400
    features: OcrFeatures = OcrFeatures.TABLES
    with_tables: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.documents = VersionedBucket("documents")
        self.work = VersionedBucket("work")
        self.registry = InMemoryDocumentRegistry()
        self.registry.set_index_configuration(IndexConfiguration(INDEX, MODEL, DIMENSIONS))
        self.jobs = InMemoryJobRegistry()
        self.extractor = ScriptedTextExtractor(self.extracted, self.with_tables)
        self.indexes = InMemoryIndexes({INDEX: InMemoryChunkIndex()})
        self.models = {(MODEL, DIMENSIONS): HashedWordEmbeddings(DIMENSIONS)}
        self.workflow, self.bus, self.clock = RecordingWorkflow(), RecordingBus(), ManualClock()
        self.maintenance = RecordingQueue()
        self.meter: Meter = Unmetered()
        self._make_steps()

    def use_meter(self, meter: Meter) -> None:
        """From now on what is paid is taken down."""
        self.meter = meter
        self._make_steps()

    def _make_steps(self) -> None:
        def mortal(fake: Any) -> Any:
            return Mortal(fake, self.fate)

        work, registry, clock = mortal(self.work), mortal(self.registry), self.clock
        jobs, extractor, workflow = mortal(self.jobs), mortal(self.extractor), mortal(self.workflow)
        formats = MadeWhenNeeded()
        rules = InspectionRules(1_000_000, 300, self.chunk_characters, self.features)
        splitter = LangChainSplitter(self.chunk_characters)
        self.inspect = InspectDocument(self.documents, work, registry, detector(LIMITS), formats, rules, clock)
        self.read = ReadPages(self.documents, work, registry, formats, clock)
        self.prepare = PrepareExtraction(self.documents, work, registry, formats, self.features)
        self.start = StartTextExtraction(work, jobs, extractor, workflow, clock)
        self.resume = ResumeIngestion(jobs, workflow)
        fetch = FetchResults(work, registry, jobs, extractor, clock, self.meter)
        self.collect = CollectPages(work, registry, fetch, clock, FETCHING_SECONDS)
        self.router = EmbeddingRouter.at_once(registry, clock)
        self.chunk = ChunkDocument(work, registry, splitter, self.router, clock)

        def indexes(name: str) -> Any:
            return mortal(self.indexes(name))

        def models(index: SearchIndex) -> Any:
            found = self.models.get((index.embedding_model, index.dimensions))
            return None if found is None else mortal(found)

        embedder = SpanEmbedder(work, registry, models, clock, self.meter)
        indexer = ChunkIndexer(work, indexes)
        self.embed = EmbedChunks(registry, embedder)
        self.indexing = IndexChunks(registry, indexer, clock)
        self.filling = IndexFilling(registry, indexes, embedder, indexer, mortal(self.maintenance), clock)
        self.house = MaintenanceService(registry, work, indexes, self.filling)
        self.publication = PublishGeneration(registry, indexes, mortal(self.maintenance), mortal(self.bus), clock)

    def drop(self, key: str, body: bytes, readers: frozenset[str] = frozenset({TENANT_READERS})) -> DocumentReference:
        """Put a file into the bucket, receive it and give it a place."""
        self.documents.put(key, body)
        stored = self.documents.head(key)
        assert stored is not None
        known = next((one for one in self.registry.documents.values() if one.key == key), None)
        receipt = Receipt(stored, key.partition("/")[0], "", readers, {}, "", "")
        generation = self.registry.admit(receipt, known, self.clock.now())
        reference = self.registry.claim_slot(generation, 100, self.clock.now() + 3600, self.clock.now())
        assert reference is not None
        return reference

    def run(self, reference: DocumentReference, ends: str = "SUCCEEDED") -> None:
        """The whole state machine; a step that was killed is started again, as Step Functions does."""
        self.through_pages(reference, ends)
        chunking = self.again(lambda: self.chunk.run(reference))
        for span in chunking.spans:
            self.again(lambda span=span: self.embed.run(ChunkWork(reference=reference, span=span)))
            self.again(lambda span=span: self.indexing.run(ChunkWork(reference=reference, span=span)))
        publication = PublicationWork(reference=reference, revision=chunking.revision)
        self.again(lambda: self.publication.run(publication))
        self.ended(reference)

    def ended(self, reference: DocumentReference) -> None:
        """The execution has ended, and its event gave its place back."""
        self.registry.release_slot(reference.execution)

    def through_pages(self, reference: DocumentReference, ends: str = "SUCCEEDED") -> None:
        """As far as the ordered page stream."""
        inspection = self.again(lambda: self.inspect.run(reference))
        for span in inspection.spans:
            work = PageWork(reference=reference, span=span, media_type=inspection.media_type)
            self.again(lambda work=work: self.read.run(work))
        following = NextStep.EXTRACT
        while following is not NextStep.CHUNK:
            plan = self.again(lambda: self.prepare.run(reference))
            if plan.pages and not plan.ready:
                self._extract(reference, plan, ends)
            following = NextStep.COLLECT
            while following is NextStep.COLLECT:
                work = CollectionWork(reference=reference, plan=plan)
                following = self.again(lambda work=work: self.collect.run(work)).next

    def start_extraction(self, reference: DocumentReference) -> None:
        """As far as the first job, which has not ended yet."""
        inspection = self.inspect.run(reference)
        for span in inspection.spans:
            self.read.run(PageWork(reference=reference, span=span, media_type=inspection.media_type))
        plan = self.prepare.run(reference)
        self.start.run(ExtractionWork(reference=reference, plan=plan, task_token="token"))

    def _extract(self, reference: DocumentReference, plan: ExtractionPlan, ends: str) -> None:
        token = f"token-{reference.document_id}-{reference.generation}"
        waiting = ExtractionWork(reference=reference, plan=plan, task_token=token)
        self.again(lambda: self.start.run(waiting))
        for external_id, state in dict(self.extractor.states).items():
            if state == "RUNNING":
                self.extractor.end(external_id, ends)
                tag = external_id.removeprefix("job-of-")
                self.again(lambda tag=tag, job=external_id: self.resume.run(tag, job, ends))

    def again(self, step: Callable[[], Any]) -> Any:
        """The step's result, however often it has to be started."""
        while True:
            try:
                return step()
            except KilledError:
                continue

    @property
    def index(self) -> InMemoryChunkIndex:
        """The index that answers."""
        assert self.registry.configuration is not None
        return self.indexes(self.registry.configuration.index)

    @property
    def embeddings(self) -> HashedWordEmbeddings:
        """The first model."""
        return self.models[MODEL, DIMENSIONS]

    @property
    def artifacts(self) -> dict[str, bytes]:
        """Everything in the work bucket."""
        return {found.key: self.work.read(found.key) for found in self.work.list_objects("")}

    def document(self, reference: DocumentReference) -> Document:
        found = self.registry.get(reference.document_id)
        assert found is not None
        return found

    def generation(self, reference: DocumentReference) -> Generation:
        found = self.registry.get_generation(reference.document_id, reference.generation)
        assert found is not None
        return found
