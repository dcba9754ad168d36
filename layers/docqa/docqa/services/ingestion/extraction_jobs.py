"""Step 4: jobs of the text extraction service, one for equal work, and the executions that wait for them.

The job is on record before it starts, with everybody who waits for it; a start that is repeated meets the same job.
However a job ended, its waiters are woken the same way: collecting the pages finds out what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from docqa.domain.artifacts import ExtractionArtifacts, owner
from docqa.errors import ConcurrentUpdateError, DocumentError
from docqa.ids import content_id
from docqa.models.work import ExtractionPlan, ExtractionWork
from docqa.ports.clock import Clock
from docqa.ports.jobs import ExtractionJob, JobRegistry, Workflow
from docqa.ports.objects import ObjectStore
from docqa.ports.reading import TextExtractor

# Textract keeps results for 7 days, and DynamoDB may keep an expired item for 2 days: no job outlives its result.
JOB_KEPT_SECONDS = 4 * 24 * 3600

STARTING, RUNNING, SUCCEEDED, FAILED = "STARTING", "RUNNING", "SUCCEEDED", "FAILED"


def job_id(bucket: str, plan: ExtractionPlan) -> str:
    """Id of the job that extracts this input: equal work meets in one job."""
    return content_id("extraction", bucket, plan.artifact, plan.features, str(plan.part))


@dataclass(frozen=True, slots=True)
class StartTextExtraction:
    """Starts the job, or joins the one that runs."""

    work: ObjectStore
    jobs: JobRegistry
    extractor: TextExtractor
    workflow: Workflow
    clock: Clock

    def run(self, work: ExtractionWork) -> None:
        """Leave the task token with the job; a job that has ended already wakes it at once.

        Raises:
            ThrottledError: too many jobs; try again later.
        """
        name = job_id(self.work.bucket, work.plan)
        expires = self.clock.now() + JOB_KEPT_SECONDS
        joined = self.jobs.join(name, work.task_token, owner(work.reference), expires)
        job = self._begun(joined, work.plan)
        if job is None:
            raise ConcurrentUpdateError("the job was given up meanwhile")
        if job.status in (SUCCEEDED, FAILED):
            self.workflow.succeed(work.task_token, {})

    def _begun(self, job: ExtractionJob, plan: ExtractionPlan) -> ExtractionJob | None:
        """The job as it is once it was started, or asked after; None when its round is over."""
        if job.status == STARTING:
            return self._start(job, plan)
        return self._look_after(job, plan) if job.status == RUNNING else job

    def _start(self, job: ExtractionJob, plan: ExtractionPlan) -> ExtractionJob | None:
        key = ExtractionArtifacts(plan.artifact).input(plan.features, plan.part)
        try:
            external_id = self.extractor.start(self.work.bucket, key, plan.features, token=job.token, tag=job.token)
        except DocumentError as error:
            self.jobs.give_up(job.job_id, job.round, str(error))
            return self.jobs.get(job.job_id)
        return self.jobs.set_started(job.job_id, job.round, external_id)

    def _look_after(self, job: ExtractionJob, plan: ExtractionPlan) -> ExtractionJob | None:
        """A task that waited in vain comes back here: the notification may be lost, so ask."""
        state = self.extractor.state(job.external_id, plan.features)
        if state == RUNNING:
            return job
        return self.jobs.finish(job.job_id, job.round, job.external_id, state, _ended(state))


@dataclass(frozen=True, slots=True)
class ResumeIngestion:
    """Wakes every execution that waits for a job."""

    jobs: JobRegistry
    workflow: Workflow

    def run(self, tag: str, external_id: str, state: str) -> bool:
        """Take a notification; repeated, late and foreign ones do no harm. Whether the job is one of ours."""
        name, _, round_ = tag.rpartition("-")
        if not name or not round_.isdigit():
            return False
        ended = SUCCEEDED if state in (SUCCEEDED, "PARTIAL_SUCCESS") else FAILED
        job = self.jobs.finish(name, int(round_), external_id, ended, _ended(state))
        if job is None:
            return False
        for waiter in sorted(job.waiters):
            self.workflow.succeed(waiter, {})
        return True


def _ended(state: str) -> str:
    return f"Text extraction could not read the scanned pages (it ended {state}). Upload a clearer or a smaller scan."
