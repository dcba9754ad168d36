"""Step 5: text layers and extracted pages become one ordered page stream, and every page says how it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from docqa.domain.artifacts import ExtractionArtifacts, GenerationArtifacts
from docqa.domain.spans import ranges
from docqa.errors import EmptyDocumentError, ExtractionFailedError
from docqa.models.document import DocumentReference, PageCounts
from docqa.models.page import Page, ReadingMethod
from docqa.models.work import CollectionWork, ExtractionPlan
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.jobs import JobRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.reading import TextExtractor
from docqa.services.ingestion.extraction import job_id, pages_as_read
from docqa.services.ingestion.storage import load_json, load_pages, load_source, require_current, save_pages


@dataclass(frozen=True, slots=True)
class CollectPages:
    """Puts a document's pages together."""

    work: ObjectStore
    registry: DocumentRegistry
    jobs: JobRegistry
    extractor: TextExtractor
    clock: Clock

    def run(self, work: CollectionWork) -> None:
        """Write every page in order and record how they were read.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            EmptyDocumentError: nothing can be read on any page.
            ExtractionFailedError: every page that is not empty failed to be extracted.
        """
        started = self.clock.now()
        reference = work.reference
        require_current(self.registry, reference)
        if work.plan.pages:
            self._fetch(reference, work.plan)
        tally = _Tally()
        pages = self._merged(reference, work.plan)
        save_pages(self.work, GenerationArtifacts(reference).pages, map(tally.count, pages))
        counts = tally.counts()
        self.registry.record_pages(reference, counts)
        self.registry.add_usage(reference, "collect", {}, {"collect": self.clock.now() - started})
        if counts.text_layer + counts.ocr == 0:
            _refuse(counts)

    def _fetch(self, reference: DocumentReference, plan: ExtractionPlan) -> None:
        """Bring the extracted pages into the work bucket, under the document's own page numbers."""
        artifacts = ExtractionArtifacts(plan.artifact)
        if self.work.exists(artifacts.pages):
            return
        numbers = load_json(self.work, artifacts.page_numbers)
        job = self.jobs.get(job_id(self.work.bucket, plan.artifact))
        if job is None or not job.external_id:
            raise ExtractionFailedError("The text extraction of the document got lost. Upload the document again.")
        try:
            save_pages(self.work, artifacts.pages, _renumbered(self.extractor.pages(job.external_id), numbers))
        except ExtractionFailedError as error:
            self.jobs.give_up(job.job_id, job.round, str(error))
            raise
        self.registry.add_usage(reference, "extraction", {"textract_pages": float(len(numbers))}, {})

    def _merged(self, reference: DocumentReference, plan: ExtractionPlan) -> Iterator[Page]:
        source = load_source(self.work, reference)
        extracted = load_pages(self.work, ExtractionArtifacts(plan.artifact).pages) if plan.pages else iter(())
        for page in pages_as_read(self.work, reference, source):
            if page.method is ReadingMethod.NEEDS_OCR:
                yield next(extracted, None) or _missing(page.number)
            else:
                yield page


class _Tally:
    """Counts pages while they pass."""

    def __init__(self) -> None:
        self._methods: Counter[ReadingMethod] = Counter()
        self._unreadable: list[int] = []

    def count(self, page: Page) -> Page:
        self._methods[page.method] += 1
        if page.method is ReadingMethod.UNREADABLE:
            self._unreadable.append(page.number)
        return page

    def counts(self) -> PageCounts:
        return PageCounts(
            total=self._methods.total(),
            text_layer=self._methods[ReadingMethod.TEXT_LAYER],
            ocr=self._methods[ReadingMethod.OCR],
            empty=self._methods[ReadingMethod.EMPTY],
            unreadable=ranges(self._unreadable),
        )


def _renumbered(extracted: Iterator[Page], numbers: list[int]) -> Iterator[Page]:
    """Pages under the document's numbers, each of them once; what did not come back is UNREADABLE."""
    waiting = dict(enumerate(numbers, start=1))
    for page in extracted:
        while waiting and next(iter(waiting)) < page.number:
            yield _missing(waiting.pop(next(iter(waiting))))
        if page.number in waiting:
            yield Page(waiting.pop(page.number), page.text, page.method, page.reason, page.confidence)
    for number in waiting.values():
        yield _missing(number)


def _missing(number: int) -> Page:
    return Page(number, "", ReadingMethod.UNREADABLE, "text extraction returned nothing for the page", confidence=0.0)


def _refuse(counts: PageCounts) -> None:
    if counts.unreadable:
        raise ExtractionFailedError("None of the document's pages could be read. Upload a clearer scan.")
    raise EmptyDocumentError("The document's pages are empty: neither text nor a picture with text was found.")
