"""Inference jobs in memory: the same contract tests as the DynamoDB ones (tests/contracts)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from docqa.ids import content_id
from docqa.models.inference import InferenceJob, JobGroup, JobStatus, StartedJob


@dataclass
class InMemoryInferenceRegistry:
    """One dictionary a kind of item."""

    jobs: dict[str, InferenceJob] = field(default_factory=dict)
    memberships: dict[tuple[str, str], str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)

    def join(self, group: JobGroup, member: str, records: int, most_records: int, now: float) -> InferenceJob:
        name = content_id(group.kind, group.route, group.tenant, group.subject, group.alone)
        if (name, member) in self.memberships:
            return self.jobs[self.memberships[name, member]]
        number = self.numbers.setdefault(name, 1)
        job = self.jobs.get(f"{name}-{number}")
        if job is not None and (job.status is not JobStatus.OPEN or job.records + records > most_records):
            self.numbers[name] = number + 1
            job = None
        job_id = f"{name}-{self.numbers[name]}"
        job = job or InferenceJob(job_id, group, JobStatus.OPEN, now, frozenset(), 0)
        self.memberships[name, member] = job_id
        self.jobs[job_id] = replace(job, members=job.members | {member}, records=job.records + records)
        return self.jobs[job_id]

    def get(self, job_id: str) -> InferenceJob | None:
        return self.jobs.get(job_id)

    def live(self) -> frozenset[str]:
        return frozenset(name for name, job in self.jobs.items() if job.status is not JobStatus.ENDED)

    def hold(self, job_id: str, now: float, until: float) -> bool:
        if job_id not in self.jobs or self.held.get(job_id, 0.0) >= now:
            return False
        self.held[job_id] = until
        return True

    def let_go(self, job_id: str) -> None:
        self.held.pop(job_id, None)

    def close(self, job_id: str) -> None:
        if self.jobs[job_id].status is JobStatus.OPEN:
            self.jobs[job_id] = replace(self.jobs[job_id], status=JobStatus.STARTING)

    def set_started(self, job_id: str, started: StartedJob, now: float) -> None:
        job = self.jobs[job_id]
        if job.status is JobStatus.STARTING:
            self.jobs[job_id] = replace(
                job, status=JobStatus.RUNNING, started=started, started_at=now, outstanding=started.parts
            )

    def part_ended(self, job_id: str, part: str) -> InferenceJob | None:
        job = self.jobs.get(job_id)
        if job is None:
            return None
        self.jobs[job_id] = replace(job, outstanding=job.outstanding - {part})
        return self.jobs[job_id]

    def end(self, job_id: str, message: str, now: float) -> None:
        if job_id in self.jobs:
            self.jobs[job_id] = replace(
                self.jobs[job_id], status=JobStatus.ENDED, message=message, outstanding=frozenset()
            )
            self.held.pop(job_id, None)
