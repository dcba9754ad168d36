"""The results of an extraction job, saved some pages at a time, so that whoever comes next goes on from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from docqa.domain.artifacts import ExtractionArtifacts, owner
from docqa.domain.charges import extraction_charge
from docqa.errors import ExtractionFailedError
from docqa.models.document import DocumentReference
from docqa.models.work import ExtractionPlan, NextStep, OcrFeatures
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.jobs import ExtractionJob, JobRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.reading import TextExtractor
from docqa.services.ingestion.extraction import give_up
from docqa.services.ingestion.extraction_jobs import FAILED, SUCCEEDED, job_id
from docqa.services.ingestion.extraction_results import PAGES_PER_OBJECT, ExtractionResults, Progress
from docqa.services.ingestion.storage import load_json
from docqa.services.metering import Meter, Unmetered

# A job that fails costs nothing, and some fail for no lasting reason: this often it is started before its pages are
# given up.
_MOST_ROUNDS = 3

# What each page of a job counts as, and which prices it has.
_COUNTED = {
    OcrFeatures.TEXT: {"textract_pages": "text"},
    OcrFeatures.TABLES: {"textract_table_pages": "tables", "textract_layout_pages": "layout"},
    OcrFeatures.ALL: {
        "textract_table_pages": "tables",
        "textract_form_pages": "forms",
        "textract_layout_pages": "layout",
    },
}


@dataclass(frozen=True, slots=True)
class FetchResults:
    """Brings the pages that a job extracted into the work bucket.

    Attributes:
        metering: Takes the job down.
    """

    work: ObjectStore
    registry: DocumentRegistry
    jobs: JobRegistry
    extractor: TextExtractor
    clock: Clock
    metering: Meter = field(default_factory=Unmetered)

    def run(self, reference: DocumentReference, plan: ExtractionPlan, until: float) -> NextStep:
        """Save pages until all are there or the time is over.

        Returns:
            COLLECT: the time is over. EXTRACT: the part is complete, given up or to be started anew, and others
            may follow. CHUNK: it is complete and the last one.

        Raises:
            NotYetVisibleError: the job is still running.
        """
        results = ExtractionResults(self.work, plan.artifact)
        job = self.jobs.get(job_id(self.work.bucket, plan))
        if results.is_done(plan.features, plan.part):
            return self._complete(reference, plan, job)
        if job is not None and job.status == FAILED:
            return self._failed(reference, plan, job, job.message)
        if job is None or job.status != SUCCEEDED:  # its record has expired, or another execution began it anew
            return NextStep.EXTRACT
        try:
            complete = self._save(plan, job, results, until)
        except ExtractionFailedError as error:
            self.jobs.give_up(job.job_id, job.round, str(error))
            return self._failed(reference, plan, job, str(error))
        return self._complete(reference, plan, job) if complete else NextStep.COLLECT

    def _save(self, plan: ExtractionPlan, job: ExtractionJob, results: ExtractionResults, until: float) -> bool:
        """Whether everything is saved, and time is left. Something is saved in any case."""
        numbers: Sequence[int] = load_json(self.work, results.artifacts.parts(plan.features))[plan.part - 1]
        progress = results.progress(plan.features, plan.part)
        pages = self.extractor.pages(job.external_id, plan.features, numbers, progress.position)
        while progress.saved < len(numbers):
            found = list(islice(pages, PAGES_PER_OBJECT))
            progress = Progress(
                progress.saved + len(found),
                found[-1].position,
                (*progress.tables, *(one.page.number for one in found if one.shows_table)),
            )
            results.save(plan.features, plan.part, [one.page for one in found], progress)
            if self.clock.now() >= until:
                return False
        # Here, not beside the last save: a run that died between the two is finished by the next one.
        results.finish(plan.features, plan.part, progress.tables)
        return True

    def _complete(self, reference: DocumentReference, plan: ExtractionPlan, job: ExtractionJob | None) -> NextStep:
        """Charge the job to its tenant, and to the generation that wanted it first; once, whoever saved its pages.

        A generation that was replaced meanwhile saves no pages, but its tenant pays for the job all the same.
        """
        if job is not None:
            parts = load_json(self.work, ExtractionArtifacts(plan.artifact).parts(plan.features))
            charge = extraction_charge(len(parts[plan.part - 1]), _COUNTED[plan.features])
            self.metering.charge(reference.tenant, charge, key=f"extraction:{job.token}")
            if job.payer == owner(reference):
                usage = {**charge.units, "usd": sum(charge.usd.values())}
                self.registry.add_usage(reference, f"extraction:{plan.features}:{plan.part}:{job.round}", usage, {})
        return NextStep.CHUNK if plan.last else NextStep.EXTRACT

    def _failed(self, reference: DocumentReference, plan: ExtractionPlan, job: ExtractionJob, message: str) -> NextStep:
        """Start it anew, or go on without its pages."""
        if job.round >= _MOST_ROUNDS:
            give_up(self.work, reference, plan.features, plan.part, message)
        return NextStep.EXTRACT
