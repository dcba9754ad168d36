"""What text extraction made of a document's pages, each from the best round that read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from docqa.domain.artifacts import GenerationArtifacts
from docqa.models.document import DocumentReference
from docqa.models.page import Page, ReadingMethod, Shows
from docqa.models.work import OcrFeatures
from docqa.ports.objects import ObjectStore
from docqa.services.ingestion.extraction_results import ExtractionResults
from docqa.services.ingestion.storage import find_json

# Everything else may be something to read, a page that nobody looked at too.
_WITHOUT_WORDS = (Shows.NOTHING, Shows.PICTURE)


@dataclass
class ExtractedPages:
    """Reads the pages of every round in order, one in memory at a time.

    Attributes:
        failure: Why a part was given up, in words of the document's owner; empty when none was.
        without_tables: Pages whose tables had to stay lines, because their analysis was given up.
    """

    work: ObjectStore
    reference: DocumentReference
    prefix: str
    failure: str = ""
    without_tables: list[int] = field(default_factory=list)

    def pages(self) -> Iterator[Page]:
        """One page for each that was sent in the first round."""
        results = ExtractionResults(self.work, self.prefix)
        first = OcrFeatures.TEXT if results.parts(OcrFeatures.ALL) is None else OcrFeatures.ALL
        analysed = self._round(results, OcrFeatures.TABLES)
        better = next(analysed, None)
        for page in self._round(results, first):
            if better is None or better.number != page.number:
                yield page
                continue
            if better.method is ReadingMethod.OCR:
                yield better
            else:
                self.without_tables.append(page.number)
                yield page
            better = next(analysed, None)

    def _round(self, results: ExtractionResults, features: OcrFeatures) -> Iterator[Page]:
        for part, numbers in enumerate(results.parts(features) or (), start=1):
            if results.is_done(features, part):
                yield from results.pages(features, part, len(numbers))
            else:
                yield from self._given_up(features, part, numbers)

    def _given_up(self, features: OcrFeatures, part: int, numbers: list[int]) -> Iterator[Page]:
        found = find_json(self.work, GenerationArtifacts(self.reference).given_up(features, part)) or {}
        self.failure = self.failure or found.get("message", "")
        for number in numbers:
            yield Page(number, "", ReadingMethod.UNREADABLE, "text extraction gave the page up", confidence=0.0)


def as_extracted(page: Page, extracted: Page) -> Page:
    """A page that needed extraction, with what came of it.

    It keeps its name, and why it had to be extracted; and its own text, where it had some and extraction found none.
    Where extraction found nothing, what the page shows decides whether there is nothing or nothing was recognised.
    """
    reason = f"{page.reason}; {extracted.reason}"
    if extracted.method is ReadingMethod.OCR:
        return replace(extracted, number=page.number, label=page.label, reason=reason)
    if page.text:
        lacks = page.shows not in _WITHOUT_WORDS
        return replace(page, method=ReadingMethod.TEXT_LAYER, reason=reason, incomplete=lacks)
    method = extracted.method
    if method is ReadingMethod.EMPTY and page.shows not in _WITHOUT_WORDS:
        method = ReadingMethod.UNRECOGNISED
    return replace(extracted, number=page.number, label=page.label, method=method, reason=reason, shows=page.shows)
