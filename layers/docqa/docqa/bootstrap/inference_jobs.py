"""Who chooses routes, joins jobs and moves them on, with their adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from docqa.bootstrap.clients import client
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.inference import ReplyJobSettings, VectorJobSettings, reply_jobs, vector_jobs
from docqa.bootstrap.spending import metering
from docqa.bootstrap.stores import bucket, registry
from docqa.domain.measured_boundaries import PASSAGES
from docqa.domain.pricing import tokens_usd
from docqa.domain.routing import Offer
from docqa.models.inference import JobGroup, JobKind, Route

if TYPE_CHECKING:
    from docqa.models.inference import JobLimits
    from docqa.ports.inference import InferenceJobs
    from docqa.services.inference.job_model import JobModel
    from docqa.services.inference.jobs import InferenceJobService, JobContents
    from docqa.services.inference.vector_requests import RequestVectors
    from docqa.services.ingestion.embedding_route import EmbeddingRouter

# A passage of 900 characters.
_TOKENS_A_PASSAGE = 225
_MILLION = 1_000_000
_JOBS = (Route.ASYNCHRONOUS, Route.BATCH)


class AdvanceSettings(VectorJobSettings, ReplyJobSettings):
    """Settings of the function that moves jobs on; derive from it."""


class RouterSettings(VectorJobSettings):
    """Settings of the function that chooses a document's route; derive from it."""

    work_bucket: str
    realtime_passages: int | None = Field(
        default=None,
        ge=0,
        description="Most passages of a document that share the real-time model; absent: as measured.",
    )
    batch_passages: int | None = Field(
        default=None, ge=1, description="From so many on, a document is a batch by itself; absent: as measured."
    )
    batch_documents: int = Field(ge=1, description="From so many waiting documents on, they are a batch together.")
    embed_within_seconds: float = Field(gt=0, description="How long a document may wait for its vectors.")
    waking_usd: float = Field(ge=0, description="What it costs to wake the asynchronous endpoint's instance.")
    transform_usd: float = Field(ge=0, description="What it costs to start a batch transform job's instances.")


def embedding_router(table: str, settings: RouterSettings) -> EmbeddingRouter:
    """Chooses a document's route among those that are set up."""
    from docqa.services.ingestion.embedding_route import EmbeddingRouter

    boundaries = PASSAGES.at(settings.embedding_provider).boundaries(
        settings.realtime_passages, settings.batch_passages, settings.batch_documents
    )
    offers = [_offer(route, limits, settings) for route, limits in _limits(settings, settings.work_bucket).items()]
    within = settings.embed_within_seconds
    return EmbeddingRouter(registry(table), _job_model(settings), offers, boundaries, within, SystemClock())


def request_vectors(
    table: str, jobs_table: str, work: str, queue: str, gather_seconds: float, settings: VectorJobSettings
) -> RequestVectors:
    """Lets documents join jobs."""
    from docqa.adapters.dynamodb_inference_jobs import DynamoDbInferenceRegistry
    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.services.inference.vector_requests import RequestVectors

    jobs = DynamoDbInferenceRegistry(client("dynamodb"), jobs_table)
    return RequestVectors(
        registry(table),
        jobs,
        _job_model(settings),
        _limits(settings, work),
        gather_seconds,
        SQSWorkQueue(client("sqs"), queue),
        SystemClock(),
    )


def job_service(
    table: str,
    questions_table: str,
    jobs_table: str,
    work: str,
    spending_table: str,
    dispatch_queue: str,
    gather_seconds: float,
    settings: AdvanceSettings,
) -> InferenceJobService:
    """Moves jobs on."""
    from docqa.adapters.dynamodb_inference_jobs import DynamoDbInferenceRegistry
    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.bootstrap.batches import reply_contents
    from docqa.services.inference.jobs import InferenceJobService
    from docqa.services.inference.vector_contents import VectorContents

    def service_of(group: JobGroup) -> InferenceJobs[Any, Any] | None:
        jobs = vector_jobs if group.kind is JobKind.VECTORS else reply_jobs
        return jobs(group.route, settings, work)

    clock = SystemClock()
    dispatch = SQSWorkQueue(client("sqs"), dispatch_queue)
    vectors = VectorContents(registry(table), bucket(work), dispatch, clock, metering(spending_table))
    jobs = DynamoDbInferenceRegistry(client("dynamodb"), jobs_table)
    contents: dict[JobKind, JobContents] = {
        JobKind.VECTORS: vectors,
        JobKind.REPLIES: reply_contents(questions_table, work, spending_table),
    }
    return InferenceJobService(jobs, bucket(work), service_of, contents, gather_seconds, clock)


def _job_model(settings: VectorJobSettings) -> JobModel:
    from docqa.services.inference.job_model import JobModel

    return JobModel(settings.embedding_model, settings.embedding_dimensions)


def _limits(settings: VectorJobSettings, work: str) -> dict[Route, JobLimits]:
    found = {route: vector_jobs(route, settings, work) for route in _JOBS}
    return {route: jobs.limits for route, jobs in found.items() if jobs is not None}


def _offer(route: Route, limits: JobLimits, settings: RouterSettings) -> Offer:
    """A route with what it costs: containers by their instances' start, Bedrock by the token."""
    if route is Route.ASYNCHRONOUS:
        return Offer(route, limits, settings.waking_usd)
    if settings.embedding_batch_role_arn:
        tokens = _TOKENS_A_PASSAGE * _MILLION
        return Offer(route, limits, usd_per_million_records=tokens_usd(settings.embedding_model, tokens, batch=True))
    return Offer(route, limits, settings.transform_usd)
