"""Steps 3 and 4: only the pages that need it are extracted, once for equal files of a tenant.

The job is on record before it starts, with everybody who waits for it; a start that is repeated meets the same job.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from docqa.domain.artifacts import ExtractionArtifacts, GenerationArtifacts, extraction_prefix, owner
from docqa.domain.spans import page_spans
from docqa.errors import ConcurrentUpdateError, DocumentError, ExtractionFailedError
from docqa.ids import content_id
from docqa.models.document import DocumentReference
from docqa.models.page import Page, ReadingMethod
from docqa.models.source import Source
from docqa.models.work import ExtractionPlan, ExtractionWork
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.jobs import ExtractionJob, JobRegistry, Workflow
from docqa.ports.objects import ObjectStore
from docqa.ports.reading import PageSelector, TextExtractor
from docqa.services.ingestion.storage import load_pages, load_source, require_current, source_file

# Textract keeps results for 7 days, and DynamoDB may keep an expired item for 2 days: no job outlives its result.
JOB_KEPT_SECONDS = 4 * 24 * 3600

STARTING, RUNNING, SUCCEEDED, FAILED = "STARTING", "RUNNING", "SUCCEEDED", "FAILED"


def job_id(bucket: str, artifact: str) -> str:
    """Id of the job that extracts this input: equal work meets in one job."""
    return content_id("extraction", bucket, artifact)


def pages_as_read(work: ObjectStore, reference: DocumentReference, source: Source) -> Iterator[Page]:
    """Every page in order, as the page map left it."""
    artifacts = GenerationArtifacts(reference)
    for span in page_spans(source.pages):
        yield from load_pages(work, artifacts.pages_read(span))


@dataclass(frozen=True, slots=True)
class PrepareExtraction:
    """Puts the pages that need extraction into a document of their own."""

    documents: ObjectStore
    work: ObjectStore
    registry: DocumentRegistry
    selector: PageSelector

    def run(self, reference: DocumentReference) -> ExtractionPlan:
        """What has to be extracted; nothing when text layers say everything or the result is there already.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            MalformedDocumentError: the pages cannot be taken out of the document.
        """
        require_current(self.registry, reference)
        source = load_source(self.work, reference)
        pages = pages_as_read(self.work, reference, source)
        numbers = [page.number for page in pages if page.method is ReadingMethod.NEEDS_OCR]
        if not numbers:
            return ExtractionPlan(pages=0)
        prefix = extraction_prefix(reference.tenant, source.content_hash, source.extraction_hash)
        self.registry.claim_artifact(prefix, owner(reference))
        artifacts = ExtractionArtifacts(prefix)
        ready = self.work.exists(artifacts.pages)
        if not ready and not self.work.exists(artifacts.input):
            self._write_input(reference, artifacts, numbers)
        return ExtractionPlan(pages=len(numbers), artifact=prefix, ready=ready)

    def _write_input(self, reference: DocumentReference, artifacts: ExtractionArtifacts, numbers: list[int]) -> None:
        self.work.write(artifacts.page_numbers, json.dumps(numbers).encode(), "application/json")
        with source_file(self.documents, reference) as file, self.selector.select(file, numbers) as selected:
            self.work.write(artifacts.input, selected, "application/pdf")


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
            DocumentError: the service refuses the document for good.
        """
        name = job_id(self.work.bucket, work.plan.artifact)
        job = self.jobs.join(name, work.task_token, self.clock.now() + JOB_KEPT_SECONDS)
        if job.status == STARTING:
            job = self._start(job, work.plan)
        elif job.status == RUNNING:
            job = self._look_after(job)
        if job.status in (SUCCEEDED, FAILED):
            wake(self.workflow, job, work.task_token)

    def _start(self, job: ExtractionJob, plan: ExtractionPlan) -> ExtractionJob:
        key = ExtractionArtifacts(plan.artifact).input
        try:
            external_id = self.extractor.start(self.work.bucket, key, token=job.token, tag=job.token)
        except DocumentError as error:
            self.jobs.give_up(job.job_id, job.round, str(error))
            raise
        return _still_on(self.jobs.set_started(job.job_id, job.round, external_id))

    def _look_after(self, job: ExtractionJob) -> ExtractionJob:
        """A task that waited in vain comes back here: the notification may be lost, so ask."""
        state = self.extractor.state(job.external_id)
        if state == RUNNING:
            return job
        return _still_on(self.jobs.finish(job.job_id, job.round, job.external_id, state, "text extraction failed"))


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
        job = self.jobs.finish(name, int(round_), external_id, ended, f"text extraction ended {state}")
        if job is None:
            return False
        for waiter in sorted(job.waiters):
            wake(self.workflow, job, waiter)
        return True


def wake(workflow: Workflow, job: ExtractionJob, waiter: str) -> None:
    """Tell a waiting execution how its job ended."""
    if job.status == SUCCEEDED:
        workflow.succeed(waiter, {})
    else:
        workflow.fail(waiter, ExtractionFailedError.__name__, f"The pages could not be read: {job.message}.")


def _still_on(job: ExtractionJob | None) -> ExtractionJob:
    if job is None:
        raise ConcurrentUpdateError("the job was given up meanwhile")
    return job
