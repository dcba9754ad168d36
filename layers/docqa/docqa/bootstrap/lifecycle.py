"""Receipt, dispatch, failures, house-keeping and the documents API, with their adapters."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from docqa.bootstrap.clients import client
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.stores import bucket, registry
from docqa.models.access import TENANT_READERS

if TYPE_CHECKING:
    from docqa.bootstrap.embeddings import EmbeddingSettings
    from docqa.ports.jobs import Workflow
    from docqa.ports.messages import BusEvents, WorkQueue
    from docqa.services.access import AccessChange
    from docqa.services.bucket_sweep import BucketSweep
    from docqa.services.budgets import Budgets
    from docqa.services.deadline_sweep import DeadlineSweep
    from docqa.services.dispatch import DispatchService
    from docqa.services.document_changes import DocumentDeletion, DocumentSharing, DocumentUpload
    from docqa.services.documents import DocumentCatalog, DocumentContent
    from docqa.services.failure import FailureService
    from docqa.services.maintenance import MaintenanceService
    from docqa.services.receipt import ReceiptService
    from docqa.services.removal import DocumentRemoval
    from docqa.services.reprocessing import Reprocessing

DefaultReaders = Literal["nobody", "tenant"]
_READERS: dict[DefaultReaders, frozenset[str]] = {"nobody": frozenset(), "tenant": frozenset({TENANT_READERS})}


def receipt(
    documents: str, table: str, dispatch_queue: str, maintenance_queue: str, event_bus: str, default: DefaultReaders
) -> ReceiptService:
    """Follows the documents bucket."""
    from docqa.services.receipt import ReceiptService

    return ReceiptService(
        removal=_removal(documents, table, maintenance_queue, event_bus),
        access=_access(table, maintenance_queue),
        dispatch=_queue(dispatch_queue),
        default_readers=_READERS[default],
    )


def dispatch(
    table: str,
    state_machine: str,
    maintenance_queue: str,
    capacity: int,
    deadline_seconds: float,
    budgets: Budgets,
) -> DispatchService:
    """Starts executions."""
    from docqa.services.dispatch import DispatchService

    workflow, maintenance = _workflow(state_machine), _queue(maintenance_queue)
    return DispatchService(registry(table), workflow, maintenance, SystemClock(), capacity, deadline_seconds, budgets)


def failures(table: str, maintenance_queue: str, dispatch_queue: str, event_bus: str) -> FailureService:
    """Records failures."""
    from docqa.services.failure import FailureService

    return FailureService(
        registry(table), _queue(maintenance_queue), _queue(dispatch_queue), _bus(event_bus), SystemClock()
    )


def maintenance(
    table: str, work: str, endpoint: str, maintenance_queue: str, spending_table: str, embedding: EmbeddingSettings
) -> MaintenanceService:
    """Keeps house."""
    from docqa.bootstrap.ingestion import chunk_indexer, span_embedder
    from docqa.bootstrap.search_index import chunk_indexes
    from docqa.services.index_filling import IndexFilling
    from docqa.services.maintenance import MaintenanceService

    indexes = chunk_indexes(endpoint)
    filling = IndexFilling(
        registry(table),
        indexes,
        span_embedder(work, table, spending_table, embedding),
        chunk_indexer(work, endpoint),
        _queue(maintenance_queue),
        SystemClock(),
    )
    return MaintenanceService(registry(table), bucket(work), indexes, filling)


def deadline_sweep(
    table: str, state_machine: str, maintenance_queue: str, dispatch_queue: str, event_bus: str
) -> DeadlineSweep:
    """Finds vanished executions."""
    from docqa.services.deadline_sweep import DeadlineSweep

    failing = failures(table, maintenance_queue, dispatch_queue, event_bus)
    return DeadlineSweep(registry(table), _workflow(state_machine), failing, _queue(dispatch_queue), SystemClock())


def bucket_sweep(documents: str, table: str, ingest_queue: str) -> BucketSweep:
    """Finds lost events."""
    from docqa.services.bucket_sweep import BucketSweep

    return BucketSweep(bucket(documents), registry(table), _queue(ingest_queue), SystemClock())


def catalog(table: str, admin_group: str = "", budgets: Budgets | None = None) -> DocumentCatalog:
    """Shows documents; with budgets also whether one waits for the next day's."""
    from docqa.services.budgets import Unlimited
    from docqa.services.documents import DocumentCatalog

    return DocumentCatalog(registry(table), SystemClock(), admin_group, budgets or Unlimited())


def content(documents: str, table: str) -> DocumentContent:
    """Opens documents."""
    from docqa.services.documents import DocumentContent

    return DocumentContent(catalog(table), bucket(documents))


def upload(documents: str, table: str, max_bytes: int, admin_group: str) -> DocumentUpload:
    """Hands uploads out."""
    from docqa.services.document_changes import DocumentUpload

    return DocumentUpload(bucket(documents), registry(table), max_bytes, admin_group)


def deletion(documents: str, table: str, maintenance_queue: str, event_bus: str, admin_group: str) -> DocumentDeletion:
    """Deletes documents."""
    from docqa.services.document_changes import DocumentDeletion

    removal = _removal(documents, table, maintenance_queue, event_bus)
    return DocumentDeletion(catalog(table, admin_group), bucket(documents), removal)


def sharing(documents: str, table: str, receiving: ReceiptService, admin_group: str) -> DocumentSharing:
    """Sets readers."""
    from docqa.services.document_changes import DocumentSharing
    from docqa.services.metadata_files import MetadataFiles

    return DocumentSharing(catalog(table, admin_group), MetadataFiles(bucket(documents)), receiving)


def reprocessing(table: str, receiving: ReceiptService, dispatch_queue: str, admin_group: str) -> Reprocessing:
    """Processes documents again."""
    from docqa.services.reprocessing import Reprocessing

    return Reprocessing(catalog(table, admin_group), receiving, _queue(dispatch_queue), SystemClock())


def _removal(documents: str, table: str, maintenance_queue: str, event_bus: str) -> DocumentRemoval:
    from docqa.services.removal import DocumentRemoval

    return DocumentRemoval(
        bucket(documents), registry(table), _queue(maintenance_queue), _bus(event_bus), SystemClock()
    )


def _access(table: str, maintenance_queue: str) -> AccessChange:
    from docqa.services.access import AccessChange

    return AccessChange(registry(table), _queue(maintenance_queue), SystemClock())


@cache
def _queue(url: str) -> WorkQueue:
    from docqa.adapters.sqs import SQSWorkQueue

    return SQSWorkQueue(client("sqs"), url)


@cache
def _bus(name: str) -> BusEvents:
    from docqa.adapters.eventbridge import EventBridgeBus

    return EventBridgeBus(client("events"), name)


@cache
def _workflow(state_machine: str) -> Workflow:
    from docqa.adapters.stepfunctions import StepFunctionsWorkflow

    return StepFunctionsWorkflow(client("stepfunctions"), state_machine)
