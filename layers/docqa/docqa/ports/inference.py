"""Jobs of models that answer later: asynchronous endpoints and batch inference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from docqa.models.inference import JobLimits, JobReport, Record, RecordResult, Route, StartedJob

Asked_contra = TypeVar("Asked_contra", contravariant=True)
Answered_co = TypeVar("Answered_co", covariant=True)


class InferenceJobs(Protocol[Asked_contra, Answered_co]):
    """One route to one model. Everything of a job lies below one prefix of WorkBucket, written and read here alone.

    Results are what lies in the bucket: notifications only say that it is worth looking.
    """

    @property
    def route(self) -> Route:
        """Which one."""
        ...

    @property
    def limits(self) -> JobLimits:
        """What a job may hold."""
        ...

    def start(self, prefix: str, records: Iterable[Record[Asked_contra]], token: str) -> StartedJob:
        """Write the records below the prefix and have them answered. Repeated with the same token it is the same job.

        Args:
            prefix: `<tenant>/…/`, of this job alone.
            records: Read once, never all in memory.
            token: Letters, digits and `-`, at most 60: names the job at the service.

        Raises:
            ThrottledError: too many jobs; try again later.
            ConfigurationError: the service does not take such a job, or not so few or so many records.
        """
        ...

    def state(self, prefix: str, started: StartedJob) -> JobReport:
        """How the job stands, from the service and from what lies in the bucket."""
        ...

    def results(self, prefix: str, started: StartedJob) -> Iterator[RecordResult[Answered_co]]:
        """What came back, each record at most once, in any order; what is missing did not come back.

        Only answers to records of this very start: what an earlier start left below the prefix is not read.
        """
        ...

    def stop(self, prefix: str, started: StartedJob) -> None:
        """Have no more of it answered, as far as the service can; what was answered stays. Nothing if it has ended."""
        ...
