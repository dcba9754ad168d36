"""A route of jobs with its service and its bucket, for tests that hold for each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from docqa.adapters.bedrock_batch import BatchQuotas, BedrockBatchJobs
from docqa.adapters.content_handlers.bedrock_embedding_bodies import CohereV3, TitanV2
from docqa.adapters.content_handlers.chat_containers import MessagesApi, TextGenerationInference
from docqa.adapters.content_handlers.converse import Converse
from docqa.adapters.content_handlers.embedding_containers import FeatureExtraction, TextEmbeddingsInference
from docqa.adapters.job_results import fault_of_vector, no_fault
from docqa.adapters.sagemaker_async import SageMakerAsyncJobs
from docqa.adapters.sagemaker_transform import SageMakerTransformJobs
from docqa.models.inference import Prompt, Record, RecordResult, StartedJob
from tests.fakes import model_bodies
from tests.fakes.bucket import VersionedBucket
from tests.fakes.inference_services import ROLE, AsyncEndpoint, BatchInference, TransformService
from tests.fakes.messages import ManualClock

PREFIX = "acme/embeddings/h-s/"


@dataclass
class Bench:
    """A route, and the service behind it. `run` has the service work on a job."""

    jobs: Any
    service: Any
    run: Callable[..., None]
    clock: ManualClock
    bucket: VersionedBucket

    def start(self, records: Iterable[Record[Any]], token: str = "job-1", prefix: str = PREFIX) -> StartedJob:
        started: StartedJob = self.jobs.start(prefix, records, token)
        return started

    def results(self, started: StartedJob, prefix: str = PREFIX) -> dict[str, RecordResult[Any]]:
        found = list(self.jobs.results(prefix, started))
        assert len({result.id for result in found}) == len(found), "a record came twice"
        return {result.id: result for result in found}

    def state(self, started: StartedJob, prefix: str = PREFIX) -> tuple[str, str]:
        report = self.jobs.state(prefix, started)
        return report.state.value, report.message

    def inputs(self) -> dict[str, bytes]:
        """What services were given to read, by key."""
        return {key: body for key, body in self.bucket.objects().items() if "/input/" in key}


def texts(count: int, first: int = 0) -> Iterator[Record[str]]:
    """Records 0:0, 0:1 and so on; each has another vector."""
    return (Record(f"0:{number}", passage(number)) for number in range(first, first + count))


def passage(number: int) -> str:
    return "words of passage " + " ".join(f"{number}x{word}" for word in range(8))


def prompts(count: int) -> Iterator[Record[Prompt]]:
    return (Record(f"q-{n}", Prompt((("system", "Be brief."), ("user", f"question {n}")), 50)) for n in range(count))


def asynchronous(bucket: VersionedBucket, handler: Any, container: model_bodies.Container, fault_of: Any) -> Bench:
    clock = ManualClock()
    endpoint = AsyncEndpoint(bucket, container)
    jobs = SageMakerAsyncJobs(endpoint, "embedder-async", bucket, handler, fault_of, clock)

    def run(started: StartedJob, **faults: Collection[str]) -> None:
        endpoint.run(**faults)

    return Bench(jobs, endpoint, run, clock, bucket)


def transform(bucket: VersionedBucket, handler: Any, container: model_bodies.Container, fault_of: Any) -> Bench:
    clock = ManualClock()
    service = TransformService(bucket, container, clock.now())
    jobs = SageMakerTransformJobs(service, "embedder", bucket, handler, fault_of, clock, "ml.m5.xlarge", 2)

    def run(started: StartedJob, **faults: Collection[str]) -> None:
        service.run(started.external_id, **faults)

    return Bench(jobs, service, run, clock, bucket)


def bedrock(
    bucket: VersionedBucket,
    handler: Any,
    model: model_bodies.Container,
    fault_of: Any,
    invocation_type: Any = "InvokeModel",
    quotas: BatchQuotas | None = None,
) -> Bench:
    quotas = quotas or BatchQuotas(least_records=1)
    service = BatchInference(bucket, model, quotas.least_records)
    name = "amazon.titan-embed-text-v2:0" if invocation_type == "InvokeModel" else "eu.amazon.nova-lite-v1:0"
    jobs = BedrockBatchJobs(service, name, ROLE, bucket, handler, fault_of, invocation_type, quotas)

    def run(started: StartedJob, **faults: Any) -> None:
        service.run(started.external_id, **faults)

    return Bench(jobs, service, run, ManualClock(), bucket)


_VECTOR = fault_of_vector(model_bodies.DIMENSIONS)

VECTOR_ROUTES: dict[str, Callable[[VersionedBucket], Bench]] = {
    "asynchronous, TEI": lambda b: asynchronous(b, TextEmbeddingsInference(), model_bodies.tei, _VECTOR),
    "asynchronous, tokens": lambda b: asynchronous(
        b, FeatureExtraction("cls"), model_bodies.feature_extraction, _VECTOR
    ),
    "transform, TEI": lambda b: transform(b, TextEmbeddingsInference(), model_bodies.tei, _VECTOR),
    "transform, tokens": lambda b: transform(b, FeatureExtraction("mean"), model_bodies.feature_extraction, _VECTOR),
    "batch, Titan": lambda b: bedrock(b, TitanV2(model_bodies.DIMENSIONS), model_bodies.titan, _VECTOR),
    "batch, Cohere": lambda b: bedrock(b, CohereV3(), model_bodies.cohere, _VECTOR),
}
REPLY_ROUTES: dict[str, Callable[[VersionedBucket], Bench]] = {
    "asynchronous, messages": lambda b: asynchronous(b, MessagesApi(), model_bodies.messages, no_fault),
    "asynchronous, TGI": lambda b: asynchronous(b, TextGenerationInference(), model_bodies.tgi, no_fault),
    "transform, messages": lambda b: transform(b, MessagesApi(), model_bodies.messages, no_fault),
    "batch, Converse": lambda b: bedrock(b, Converse(), model_bodies.converse, no_fault, "Converse"),
}
EACH_SERVICE = ("asynchronous, TEI", "transform, TEI", "batch, Titan")


class BreakingBucket(VersionedBucket):
    """Works until so many objects were written; what comes after is an outage."""

    def __init__(self, name: str = "work") -> None:
        super().__init__(name)
        self.writes_left = 1_000_000

    def write(self, key: str, body: Any, content_type: str = "application/octet-stream") -> None:
        if self.writes_left == 0:
            raise ConnectionError("the process was killed")
        self.writes_left -= 1
        super().write(key, body, content_type)
