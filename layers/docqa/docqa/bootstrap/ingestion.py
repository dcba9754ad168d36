"""The steps of ingestion with their adapters, each made once a process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from docqa.bootstrap.clients import client
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.stores import bucket, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docqa.bootstrap.embeddings import EmbeddingSettings
    from docqa.models.work import OcrFeatures
    from docqa.ports.jobs import JobRegistry
    from docqa.ports.reading import DocumentFormat, PageSelector, TypeDetector
    from docqa.services.ingestion.chunking import ChunkDocument
    from docqa.services.ingestion.collection import CollectPages
    from docqa.services.ingestion.embedding import EmbedChunks, SpanEmbedder
    from docqa.services.ingestion.embedding_route import EmbeddingRouter
    from docqa.services.ingestion.extraction import PrepareExtraction
    from docqa.services.ingestion.extraction_jobs import ResumeIngestion, StartTextExtraction
    from docqa.services.ingestion.indexing import ChunkIndexer, IndexChunks
    from docqa.services.ingestion.inspection import InspectDocument, InspectionRules
    from docqa.services.ingestion.page_reading import ReadPages
    from docqa.services.ingestion.publication import PublishGeneration

# Of the 300 seconds that collecting has. The rest is for the pages that were begun (25 calls, throttled ones tried
# again) and for putting 3,000 pages together.
FETCHING_SECONDS = 150.0


def inspect_document(documents: str, work: str, table: str, rules: InspectionRules) -> InspectDocument:
    """Step 1, over two buckets and the documents table."""
    from docqa.services.ingestion.inspection import InspectDocument

    documents_bucket, work_bucket = bucket(documents), bucket(work)
    return InspectDocument(
        documents_bucket, work_bucket, registry(table), _detector(), _formats(), rules, SystemClock()
    )


def read_pages(documents: str, work: str, table: str) -> ReadPages:
    """Step 2."""
    from docqa.services.ingestion.page_reading import ReadPages

    return ReadPages(bucket(documents), bucket(work), registry(table), _formats(), SystemClock())


def prepare_extraction(documents: str, work: str, table: str, features: OcrFeatures) -> PrepareExtraction:
    """Step 3."""
    from docqa.services.ingestion.extraction import PrepareExtraction

    return PrepareExtraction(bucket(documents), bucket(work), registry(table), _selectors(), features)


def start_text_extraction(work: str, jobs_table: str, topic_arn: str, role_arn: str) -> StartTextExtraction:
    """Step 4, where there is something to extract."""
    from docqa.adapters.stepfunctions import StepFunctionsWorkflow
    from docqa.adapters.textract import TextractTextExtractor
    from docqa.services.ingestion.extraction_jobs import StartTextExtraction

    extractor = TextractTextExtractor(client("textract"), topic_arn, role_arn)
    workflow = StepFunctionsWorkflow(client("stepfunctions"))
    return StartTextExtraction(bucket(work), _jobs(jobs_table), extractor, workflow, SystemClock())


def resume_ingestion(jobs_table: str) -> ResumeIngestion:
    """What happens when an extraction has ended."""
    from docqa.adapters.stepfunctions import StepFunctionsWorkflow
    from docqa.services.ingestion.extraction_jobs import ResumeIngestion

    return ResumeIngestion(_jobs(jobs_table), StepFunctionsWorkflow(client("stepfunctions")))


def collect_pages(work: str, table: str, jobs_table: str, spending_table: str) -> CollectPages:
    """Step 5."""
    from docqa.adapters.textract import TextractTextExtractor
    from docqa.bootstrap.spending import metering
    from docqa.services.ingestion.collection import CollectPages
    from docqa.services.ingestion.fetching import FetchResults

    extractor, clock = TextractTextExtractor(client("textract")), SystemClock()
    jobs, meter = _jobs(jobs_table), metering(spending_table)
    fetch = FetchResults(bucket(work), registry(table), jobs, extractor, clock, meter)
    return CollectPages(bucket(work), registry(table), fetch, clock, FETCHING_SECONDS)


def chunk_document(work: str, table: str, chunk_characters: int, router: EmbeddingRouter) -> ChunkDocument:
    """Step 6."""
    from docqa.adapters.text_splitter import LangChainSplitter
    from docqa.services.ingestion.chunking import ChunkDocument

    return ChunkDocument(bucket(work), registry(table), LangChainSplitter(chunk_characters), router, SystemClock())


def embed_chunks(work: str, table: str, spending_table: str, settings: EmbeddingSettings) -> EmbedChunks:
    """Step 7."""
    from docqa.bootstrap.embeddings import embeddings
    from docqa.services.ingestion.embedding import EmbedChunks

    embeddings(settings)  # imported and checked at cold start, not with the first passages
    return EmbedChunks(registry(table), span_embedder(work, table, spending_table, settings))


def span_embedder(work: str, table: str, spending_table: str, settings: EmbeddingSettings) -> SpanEmbedder:
    """Makes vectors of any version's chunks."""
    from docqa.bootstrap.embeddings import embedding_models
    from docqa.bootstrap.spending import metering
    from docqa.services.ingestion.embedding import SpanEmbedder

    models, meter = embedding_models(settings), metering(spending_table)
    return SpanEmbedder(bucket(work), registry(table), models, SystemClock(), meter)


def chunk_indexer(work: str, endpoint: str) -> ChunkIndexer:
    """Writes any generation's chunks from the work bucket into an index."""
    from docqa.bootstrap.search_index import chunk_indexes
    from docqa.services.ingestion.indexing import ChunkIndexer

    return ChunkIndexer(bucket(work), chunk_indexes(endpoint))


def index_chunks(work: str, table: str, endpoint: str) -> IndexChunks:
    """Step 8."""
    from docqa.services.ingestion.indexing import IndexChunks

    return IndexChunks(registry(table), chunk_indexer(work, endpoint), SystemClock())


def publish_generation(table: str, endpoint: str, maintenance_queue: str, event_bus: str) -> PublishGeneration:
    """Step 9."""
    from docqa.adapters.eventbridge import EventBridgeBus
    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.bootstrap.search_index import chunk_indexes
    from docqa.services.ingestion.publication import PublishGeneration

    sqs = client("sqs")
    return PublishGeneration(
        registry(table),
        chunk_indexes(endpoint),
        maintenance=SQSWorkQueue(sqs, maintenance_queue),
        events=EventBridgeBus(client("events"), event_bus),
        clock=SystemClock(),
    )


def _jobs(table: str) -> JobRegistry:
    from docqa.adapters.dynamodb_jobs import DynamoDbJobRegistry

    return DynamoDbJobRegistry(client("dynamodb"), table)


@cache
def _formats() -> Mapping[str, DocumentFormat]:
    from docqa.adapters.formats.catalogue import MAKERS
    from docqa.bootstrap.sandbox import sandboxed

    return {media_type: sandboxed(maker) for media_type, maker in MAKERS.items()}


@cache
def _selectors() -> Mapping[str, PageSelector]:
    from docqa.adapters.formats.catalogue import MAKERS
    from docqa.bootstrap.sandbox import sandboxed

    return {media_type: sandboxed(maker) for media_type, maker in MAKERS.items()}


def _detector() -> TypeDetector:
    from docqa.adapters.formats.catalogue import detector
    from docqa.bootstrap.sandbox import sandboxed_detector

    return sandboxed_detector(detector)
