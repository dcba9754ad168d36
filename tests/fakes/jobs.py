"""External jobs in memory: the same contract tests as the DynamoDB ones (tests/contracts)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from docqa.ports.jobs import ExtractionJob


@dataclass
class InMemoryJobRegistry:
    """One item a job."""

    jobs: dict[str, ExtractionJob] = field(default_factory=dict)

    def join(self, job_id: str, waiter: str, payer: str, expires: float) -> ExtractionJob:
        job = self.jobs.get(job_id)
        if job is None or job.status == "FAILED":
            round_ = 1 if job is None else job.round + 1
            return self._put(ExtractionJob(job_id, round_, "", "STARTING", frozenset({waiter}), payer))
        return job if job.status == "SUCCEEDED" else self._put(replace(job, waiters=job.waiters | {waiter}))

    def get(self, job_id: str) -> ExtractionJob | None:
        return self.jobs.get(job_id)

    def set_started(self, job_id: str, round_: int, external_id: str) -> ExtractionJob | None:
        job = self._same_round(job_id, round_)
        if job is None or job.status != "STARTING":
            return job
        return self._put(replace(job, external_id=external_id, status="RUNNING"))

    def finish(self, job_id: str, round_: int, external_id: str, status: str, message: str) -> ExtractionJob | None:
        job = self._same_round(job_id, round_)
        if job is None or job.status not in ("STARTING", "RUNNING"):
            return job
        told = message if status == "FAILED" else ""
        return self._put(replace(job, external_id=external_id, status=status, message=told))

    def give_up(self, job_id: str, round_: int, message: str) -> None:
        job = self._same_round(job_id, round_)
        if job is not None:
            self._put(replace(job, status="FAILED", message=message))

    def _same_round(self, job_id: str, round_: int) -> ExtractionJob | None:
        job = self.jobs.get(job_id)
        return job if job is not None and job.round == round_ else None

    def _put(self, job: ExtractionJob) -> ExtractionJob:
        self.jobs[job.job_id] = job
        return job
