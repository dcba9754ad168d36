"""Jobs are moved on to wherever they can go: whoever tells of one, however often and in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from docqa.errors import ConfigurationError, ThrottledError
from docqa.models.inference import (
    InferenceJob,
    JobGroup,
    JobKind,
    JobReport,
    JobState,
    JobStatus,
    Record,
    RecordResult,
    StartedJob,
)
from docqa.ports.clock import Clock
from docqa.ports.inference import InferenceJobs
from docqa.ports.inference_jobs import InferenceRegistry
from docqa.ports.objects import ObjectStore
from docqa.services.inference.prefixes import job_prefix

# As long as the function that moves jobs can run: whoever took a job and says nothing after that is dead.
HELD_SECONDS = 900.0


class JobContents(Protocol):
    """What goes into jobs of a kind, and where their results go."""

    def records(self, job: InferenceJob) -> Iterator[Record[Any]]:
        """What its members still need, each record once."""
        ...

    def deliver(self, job: InferenceJob, results: Iterable[RecordResult[Any]]) -> Mapping[str, int]:
        """Hand the results to the members, as far as they are good; counts for the log. Repeating it does no harm."""
        ...

    def wake(self, job: InferenceJob) -> None:
        """Let the members go on, with whatever was delivered."""
        ...


@dataclass(frozen=True, slots=True)
class InferenceJobService:
    """Moves jobs on.

    Attributes:
        services: The way to the model of a group; None: it is not set up.
        gather_seconds: How long a job that is shared waits for others to join.
    """

    registry: InferenceRegistry
    work: ObjectStore
    services: Callable[[JobGroup], InferenceJobs[Any, Any] | None]
    contents: Mapping[JobKind, JobContents]
    gather_seconds: float
    clock: Clock

    def part_ended(self, job_id: str, part: str) -> Mapping[str, int]:
        """A part of the job was answered, or given up; with the last one the whole is looked at."""
        job = self.registry.part_ended(job_id, part)
        return {} if job is None or job.outstanding else self.advance(job_id)

    def sweep(self) -> dict[str, int]:
        """Look at every job that has not ended; how many there were, and what was handed out."""
        counts = {"jobs": 0}
        for job_id in sorted(self.registry.live()):
            counts["jobs"] += 1
            try:
                delivered = self.advance(job_id)
            except ThrottledError:
                counts["throttled"] = counts.get("throttled", 0) + 1
                continue
            for name, count in delivered.items():
                counts[name] = counts.get(name, 0) + count
        return counts

    def advance(self, job_id: str) -> Mapping[str, int]:
        """Move one job on; counts of what was handed out, if it was.

        Raises:
            ThrottledError: the service takes no more jobs now; the next look tries again.
        """
        now = self.clock.now()
        if not self.registry.hold(job_id, now, now + HELD_SECONDS):
            return {}
        try:
            job = self.registry.get(job_id)
            return {} if job is None else self._advance(job)
        finally:
            self.registry.let_go(job_id)

    def _advance(self, job: InferenceJob) -> Mapping[str, int]:
        service = self.services(job.group)
        if job.status is JobStatus.ENDED:
            return {}
        if service is None:
            return self._end(job, (), "its route is not set up any more")
        if job.status is JobStatus.OPEN:
            if not self._is_complete(job, service):
                return {}
            self.registry.close(job.job_id)
        if job.started is None:
            return self._start(job, service)
        report = self._report(job, service, job.started)
        if report.state is JobState.RUNNING:
            return {}
        return self._end(job, service.results(job_prefix(job), job.started), report.message)

    def _is_complete(self, job: InferenceJob, service: InferenceJobs[Any, Any]) -> bool:
        waited = self.clock.now() - job.opened_at
        return bool(job.group.alone) or job.records >= service.limits.most_records or waited >= self.gather_seconds

    def _start(self, job: InferenceJob, service: InferenceJobs[Any, Any]) -> Mapping[str, int]:
        # Those who joined between our look and the closing are members too.
        closed = self.registry.get(job.job_id) or job
        records = self.contents[job.group.kind].records(closed)
        first = next(records, None)
        if first is None:
            return self._end(closed, (), "everything was there already")
        try:
            started = service.start(job_prefix(job), chain([first], records), job.job_id)
        except ConfigurationError as error:
            return self._end(closed, (), str(error))
        self.registry.set_started(job.job_id, started, self.clock.now())
        return {"started": started.records}

    def _report(self, job: InferenceJob, service: InferenceJobs[Any, Any], started: StartedJob) -> JobReport:
        report = service.state(job_prefix(job), started)
        if report.state is JobState.RUNNING and self.clock.now() - job.started_at > service.limits.longest_seconds:
            service.stop(job_prefix(job), started)
            return JobReport(JobState.EXPIRED, "it took longer than it may")
        return report

    def _end(self, job: InferenceJob, results: Iterable[RecordResult[Any]], message: str) -> Mapping[str, int]:
        contents = self.contents[job.group.kind]
        delivered = contents.deliver(job, results)
        contents.wake(job)
        self.registry.end(job.job_id, message, self.clock.now())
        self.work.delete_prefix(job_prefix(job))
        return delivered
