"""A model that answers later, in memory: what its jobs bring, or fail to bring, is for the test to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from docqa.errors import ConfigurationError, ThrottledError
from docqa.models.inference import JobLimits, JobReport, JobState, Record, RecordResult, Route, StartedJob


@dataclass
class ScriptedInferenceJobs:
    """Implements `ports.InferenceJobs`.

    Attributes:
        answer: The value of a record.
        parts: In how many parts a job is answered; 0: as one.
        reports: What is said of jobs, by token; a job that is not named has ended.
        lost: Places of records that never come back.
        spoilt: Places of records that come back with an error.
        shuffled: Results come in the opposite order.
        throttled: So many starts are refused first.
    """

    answer: Callable[[Any], Any]
    route: Route = Route.BATCH
    limits: JobLimits = field(default_factory=lambda: JobLimits(1, 1_000, 3_600.0))
    parts: int = 0
    reports: dict[str, JobReport] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()
    spoilt: frozenset[int] = frozenset()
    shuffled: bool = False
    throttled: int = 0
    asked: list[list[str]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    _records: dict[str, list[Record[Any]]] = field(default_factory=dict)

    @property
    def tokens(self) -> list[str]:
        """Of the jobs that were started."""
        return list(self._records)

    def start(self, prefix: str, records: Iterable[Record[Any]], token: str) -> StartedJob:
        if self.throttled:
            self.throttled -= 1
            raise ThrottledError("too many jobs")
        sent = list(records)
        if len(sent) < self.limits.least_records:
            raise ConfigurationError(f"{len(sent)} records are fewer than {self.limits.least_records}")
        if token not in self._records:
            self._records[token] = sent
            self.asked.append([one.id for one in sent])
        return StartedJob(token, frozenset(f"{token}.{n}" for n in range(self.parts)), len(sent))

    def state(self, prefix: str, started: StartedJob) -> JobReport:
        return self.reports.get(started.external_id, JobReport(JobState.ENDED))

    def results(self, prefix: str, started: StartedJob) -> Iterator[RecordResult[Any]]:
        records = list(enumerate(self._records.get(started.external_id, [])))
        for place, record in reversed(records) if self.shuffled else records:
            if place in self.spoilt:
                yield RecordResult(record.id, None, error="it could not be answered")
            elif place not in self.lost:
                yield RecordResult(record.id, self.answer(record.value), tokens=3)

    def stop(self, prefix: str, started: StartedJob) -> None:
        self.stopped.append(started.external_id)
