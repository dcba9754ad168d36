"""Step 5: text layers and extracted pages become one ordered page stream, and every page says how it was read.

A run first saves what the last job extracted. When its time is nearly over, or other pages are to be extracted, it
says so and the state machine comes back; the last run puts the stream together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from docqa.domain.artifacts import GenerationArtifacts
from docqa.domain.page_warnings import PageWarnings
from docqa.domain.spans import ranges
from docqa.errors import EmptyDocumentError, ExtractionFailedError
from docqa.models.document import DocumentReference, PageCounts
from docqa.models.page import Page, ReadingMethod
from docqa.models.work import Collection, CollectionWork, NextStep
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.services.ingestion.extracted_pages import ExtractedPages, as_extracted
from docqa.services.ingestion.extraction import pages_as_read
from docqa.services.ingestion.fetching import FetchResults
from docqa.services.ingestion.storage import load_source, require_current, save_pages


@dataclass(frozen=True, slots=True)
class CollectPages:
    """Puts a document's pages together.

    Attributes:
        seconds: How long one run saves results before it lets the state machine come back. Putting the stream
            together comes on top: it took 3 seconds for 3,000 pages.
    """

    work: ObjectStore
    registry: DocumentRegistry
    fetch: FetchResults
    clock: Clock
    seconds: float

    def run(self, work: CollectionWork) -> Collection:
        """Save what was extracted; when that is all, write every page in order and record how they were read.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            EmptyDocumentError: nothing can be read on any page.
            ExtractionFailedError: every page that is not empty failed to be extracted, or was not recognised.
        """
        started = self.clock.now()
        reference, plan = work.reference, work.plan
        require_current(self.registry, reference)
        if plan.pages and not plan.ready:
            following = self.fetch.run(reference, plan, until=started + self.seconds)
            if following is not NextStep.CHUNK:
                return Collection(next=following)
        self._put_together(reference, plan.artifact)
        self.registry.add_usage(reference, "collect", {}, {"collect": self.clock.now() - started})
        return Collection(next=NextStep.CHUNK)

    def _put_together(self, reference: DocumentReference, artifact: str) -> None:
        extracted = ExtractedPages(self.work, reference, artifact)
        tally = _Tally()
        pages = self._merged(reference, extracted)
        save_pages(self.work, GenerationArtifacts(reference).pages, map(tally.count, pages))
        counts = tally.counts()
        self.registry.record_pages(reference, counts, tally.warnings.sentences(extracted.without_tables))
        if counts.text_layer + counts.ocr == 0:
            _refuse(counts, extracted.failure)

    def _merged(self, reference: DocumentReference, extracted: ExtractedPages) -> Iterator[Page]:
        source = load_source(self.work, reference)
        found = extracted.pages() if extracted.prefix else iter(())
        for page in pages_as_read(self.work, reference, source):
            yield as_extracted(page, next(found)) if page.method is ReadingMethod.NEEDS_OCR else page


class _Tally:
    """Counts pages while they pass."""

    def __init__(self) -> None:
        self.warnings = PageWarnings()
        self._methods: Counter[ReadingMethod] = Counter()
        self._unreadable: list[int] = []
        self._unrecognised: list[int] = []
        self._confidences = 0.0

    def count(self, page: Page) -> Page:
        self.warnings.see(page)
        self._methods[page.method] += 1
        if page.method is ReadingMethod.UNREADABLE:
            self._unreadable.append(page.number)
        if page.method is ReadingMethod.UNRECOGNISED or page.incomplete:
            self._unrecognised.append(page.number)
        if page.method is ReadingMethod.OCR:
            self._confidences += page.confidence
        return page

    def counts(self) -> PageCounts:
        ocr = self._methods[ReadingMethod.OCR]
        return PageCounts(
            total=self._methods.total(),
            text_layer=self._methods[ReadingMethod.TEXT_LAYER],
            ocr=ocr,
            empty=self._methods[ReadingMethod.EMPTY],
            unreadable=ranges(self._unreadable),
            unrecognised=ranges(self._unrecognised),
            ocr_confidence=round(self._confidences / ocr, 4) if ocr else 0.0,
        )


def _refuse(counts: PageCounts, failure: str) -> None:
    if counts.unreadable:
        raise ExtractionFailedError(failure or "None of the document's pages could be read. Upload a clearer scan.")
    if counts.unrecognised:
        raise ExtractionFailedError(
            "No text was recognised on the document's pages, though they show something: a script or hand that text "
            "extraction does not read, or drawings. Upload a clearer copy, or one with a text layer."
        )
    raise EmptyDocumentError("The document's pages are empty: neither text nor a picture with text was found.")
