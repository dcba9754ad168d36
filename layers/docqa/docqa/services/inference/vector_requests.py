"""A document joins the job that embeds its passages, and waits for that aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from docqa.errors import ConfigurationError, StaleVersionError
from docqa.models.document import DocumentReference
from docqa.models.inference import JobGroup, JobKind, JobLimits, JobStatus, Route
from docqa.models.search_index import SearchIndex
from docqa.models.work import Chunking
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.inference_jobs import InferenceRegistry
from docqa.ports.messages import WorkQueue
from docqa.services.active_indexes import index_configuration
from docqa.services.inference.job_model import JobModel


@dataclass(frozen=True, slots=True)
class RequestVectors:
    """The pipeline's step for documents that are not embedded in real time.

    The version waits in the registry as any other waits for its turn, without an execution and without a place: it is
    started again when its vectors are there, and no later than they could still come. What is missing then is embedded
    in real time.

    Attributes:
        model: That jobs embed with.
        limits: Of each route that is set up.
        gather_seconds: How long a batch waits for others to join.
        queue: Of those who look after jobs.
    """

    documents: DocumentRegistry
    jobs: InferenceRegistry
    model: JobModel
    limits: Mapping[Route, JobLimits]
    gather_seconds: float
    queue: WorkQueue
    clock: Clock

    def run(self, reference: DocumentReference, chunking: Chunking) -> None:
        """Join a job and wait aside; where another model's index answers by now, only until it is started again.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            ConfigurationError: the route is not set up any more.
        """
        limits = self.limits.get(chunking.route)
        if limits is None:
            raise ConfigurationError(f"the route {chunking.route} of embedding is not set up")
        now = self.clock.now()
        index = index_configuration(self.documents).active
        if not self.model.is_of(index):
            self._park(reference, now)
            return
        group = _group(reference, chunking.route, index)
        job = self.jobs.join(group, reference.execution, chunking.chunks, limits.most_records, now)
        gathering = 0.0 if group.alone else self.gather_seconds
        self._park(reference, now + gathering + limits.longest_seconds)
        if group.alone or job.records >= limits.most_records:
            self.queue.send({"job_id": job.job_id})
        self._look_again(job.job_id, reference)

    def _park(self, reference: DocumentReference, until: float) -> None:
        if not self.documents.park(reference, until):
            raise StaleVersionError(f"generation {reference.generation} of {reference.document_id} is void")

    def _look_again(self, job_id: str, reference: DocumentReference) -> None:
        """A job that ended before this version waited could not wake it."""
        job = self.jobs.get(job_id)
        if job is None or job.status is JobStatus.ENDED:
            self.documents.hasten(reference.document_id, reference.generation, self.clock.now())


def _group(reference: DocumentReference, route: Route, index: SearchIndex) -> JobGroup:
    alone = reference.execution if route is Route.ASYNCHRONOUS else ""
    return JobGroup(JobKind.VECTORS, route, reference.tenant, index.name, alone)
