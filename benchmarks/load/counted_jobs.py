"""Every job route through its real adapter, to the last result, with its calls and its bucket's requests counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from benchmarks.load.counted_bucket import CountedBucket
from benchmarks.load.counted_models import DIMENSIONS, CountedModels
from docqa.adapters.bedrock_batch import BatchQuotas, BedrockBatchJobs
from docqa.adapters.content_handlers.bedrock_embedding_bodies import TitanV2
from docqa.adapters.content_handlers.chat_containers import MessagesApi
from docqa.adapters.content_handlers.converse import Converse
from docqa.adapters.content_handlers.embedding_containers import TextEmbeddingsInference
from docqa.adapters.job_results import fault_of_vector, no_fault
from docqa.adapters.sagemaker_async import SageMakerAsyncJobs
from docqa.adapters.sagemaker_transform import SageMakerTransformJobs
from docqa.bootstrap.clock import SystemClock
from docqa.models.inference import JobState, Prompt, Record
from docqa.ports.inference import InferenceJobs
from docqa.ports.objects import ObjectStore

JobsOver = Callable[[CountedModels, ObjectStore], InferenceJobs[Any, Any]]
PASSAGE = "A passage of some nine hundred characters, as they are cut. " * 15
PROMPT = Prompt((("system", "Answer from the passages."), ("user", PASSAGE * 5)), max_tokens=500)
PREFIX, TOKEN = "acme/inference/", "job"


@dataclass(frozen=True)
class CountedJob:
    """What a job of so many records took.

    Attributes:
        calls: Of the service's interface, those that ask how it stands included.
        writes, reads: Requests to the bucket, by docqa and the service.
    """

    records: int
    calls: int
    writes: int
    reads: int


def count(jobs_over: JobsOver, value: Any, records: int) -> CountedJob:
    """Start a job, look how it stands, read every result.

    Raises:
        RuntimeError: not every record was answered once.
    """
    bucket = CountedBucket()
    models = CountedModels(bucket)
    jobs = jobs_over(models, cast("ObjectStore", bucket))
    started = jobs.start(PREFIX, (Record(f"r{number}", value) for number in range(records)), TOKEN)
    report = jobs.state(PREFIX, started)
    answered = [result.id for result in jobs.results(PREFIX, started) if result.value is not None]
    if report.state is not JobState.ENDED or sorted(answered) != sorted(f"r{number}" for number in range(records)):
        raise RuntimeError(f"{len(answered)} of {records} records were answered: {report}")
    return CountedJob(records, models.calls.total(), bucket.requests["write"], bucket.requests["read"])


def _asynchronous(handler: Any, fault: Any) -> JobsOver:
    return lambda models, bucket: SageMakerAsyncJobs(models, "endpoint", bucket, handler, fault, SystemClock())


def _transform(handler: Any, fault: Any) -> JobsOver:
    return lambda models, bucket: SageMakerTransformJobs(
        models, "model", bucket, handler, fault, SystemClock(), "ml.m5.xlarge"
    )


def _bedrock(model: str, handler: Any, fault: Any, invocation: Any) -> JobsOver:
    return lambda models, bucket: BedrockBatchJobs(
        models, model, "arn:aws:iam::123456789012:role/batch", bucket, handler, fault, invocation, BatchQuotas(1)
    )


_VECTOR = fault_of_vector(DIMENSIONS)
EMBEDDING: dict[str, JobsOver] = {
    "asynchronous": _asynchronous(TextEmbeddingsInference(), _VECTOR),
    "transform": _transform(TextEmbeddingsInference(), _VECTOR),
    "bedrock batch": _bedrock("amazon.titan-embed-text-v2:0", TitanV2(DIMENSIONS), _VECTOR, "InvokeModel"),
}
CHAT: dict[str, JobsOver] = {
    "asynchronous": _asynchronous(MessagesApi(), no_fault),
    "transform": _transform(MessagesApi(), no_fault),
    "bedrock batch": _bedrock("amazon.nova-lite-v1:0", Converse(), no_fault, "Converse"),
}
