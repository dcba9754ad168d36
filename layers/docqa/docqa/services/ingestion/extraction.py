"""Step 3: the pages that text layers do not tell are taken out, part by part, once for equal files of a tenant.

The state machine comes back here after each part, and after the first round when pages with tables are looked at
again. What to do next is told by what lies in the work bucket, so that a step that is repeated does the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from docqa.domain.artifacts import GenerationArtifacts, extraction_prefix, owner
from docqa.domain.spans import page_spans, parts_of
from docqa.errors import DocumentError, StaleVersionError
from docqa.models.document import DocumentReference, Stage
from docqa.models.page import Page, ReadingMethod
from docqa.models.source import Source
from docqa.models.work import ExtractionPlan, OcrFeatures
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.reading import PageSelector
from docqa.services.ingestion.extraction_results import ExtractionResults
from docqa.services.ingestion.storage import load_pages, load_source, require_current, save_json, source_file

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_SIGNATURE_BYTES = 1024


def pages_as_read(work: ObjectStore, reference: DocumentReference, source: Source) -> Iterator[Page]:
    """Every page in order, as the page map left it."""
    artifacts = GenerationArtifacts(reference)
    for span in page_spans(source.pages, whole=source.whole):
        yield from load_pages(work, artifacts.pages_read(span))


@dataclass(frozen=True, slots=True)
class PrepareExtraction:
    """Puts the pages that need extraction into documents of their own.

    Attributes:
        selectors: Takes pages out of a document, by media type.
        features: What the stack has read from such pages.
    """

    documents: ObjectStore
    work: ObjectStore
    registry: DocumentRegistry
    selectors: Mapping[str, PageSelector]
    features: OcrFeatures

    def run(self, reference: DocumentReference) -> ExtractionPlan:
        """What has to be extracted next; nothing when text layers say everything or the results are there already.

        Raises:
            StaleVersionError: the generation is no longer wanted.
        """
        require_current(self.registry, reference)
        source = load_source(self.work, reference)
        pages = pages_as_read(self.work, reference, source)
        numbers = [page.number for page in pages if page.method is ReadingMethod.NEEDS_OCR]
        if not numbers:
            return ExtractionPlan(pages=0)
        prefix = extraction_prefix(reference.tenant, source.content_hash, source.extraction_hash)
        self.registry.claim_artifact(prefix, owner(reference))
        results = ExtractionResults(self.work, prefix)
        for features in self.features.rounds:
            parts = self._parts(reference, results, features, source, numbers)
            for part, wanted in enumerate(parts, start=1):
                if self._is_over(reference, results, features, part):
                    continue
                if self._write_input(reference, results, features, part, source, wanted):
                    self.registry.record_stage(reference, Stage.EXTRACTING)
                    last = part == len(parts) and features is self.features.rounds[-1]
                    return ExtractionPlan(pages=len(wanted), artifact=prefix, features=features, part=part, last=last)
        return ExtractionPlan(pages=len(numbers), artifact=prefix, ready=True)

    def _parts(
        self,
        reference: DocumentReference,
        results: ExtractionResults,
        features: OcrFeatures,
        source: Source,
        numbers: Sequence[int],
    ) -> list[list[int]]:
        """Which pages go into each job of a round."""
        parts = results.parts(features)
        if parts is None:
            first = self.features.rounds[0]
            wanted = numbers if features is first else results.pages_with_tables(first)
            parts = parts_of(wanted, source.pages, self._size(reference))
            results.plan(features, parts)
        return parts

    def _size(self, reference: DocumentReference) -> int:
        generation = self.registry.get_generation(reference.document_id, reference.generation)
        if generation is None:
            raise StaleVersionError(f"generation {reference.generation} of {reference.document_id} is not on record")
        return generation.size

    def _is_over(
        self, reference: DocumentReference, results: ExtractionResults, features: OcrFeatures, part: int
    ) -> bool:
        given_up = GenerationArtifacts(reference).given_up(features, part)
        return results.is_done(features, part) or self.work.exists(given_up)

    def _write_input(
        self,
        reference: DocumentReference,
        results: ExtractionResults,
        features: OcrFeatures,
        part: int,
        source: Source,
        numbers: Sequence[int],
    ) -> bool:
        """Whether the input of a part is there; pages that cannot be taken out of a damaged file are given up."""
        key = results.artifacts.input(features, part)
        if self.work.exists(key):
            return True
        selector = self.selectors[source.media_type]
        try:
            with source_file(self.documents, reference) as file, selector.select(file, numbers) as selected:
                start = selected.read(_SIGNATURE_BYTES)
                selected.seek(0)
                self.work.write(key, selected, _content_type(start))
        except DocumentError as error:
            give_up(self.work, reference, features, part, str(error))
            return False
        return True


def give_up(work: ObjectStore, reference: DocumentReference, features: OcrFeatures, part: int, message: str) -> None:
    """Let this generation go on without a part of its extraction; another one of the same file may try again."""
    save_json(work, GenerationArtifacts(reference).given_up(features, part), {"message": message})


def _content_type(start: bytes) -> str:
    """The media type of what the extraction service accepts."""
    return next((kind for signature, kind in _SIGNATURES if signature in start[: len(signature)]), "application/pdf")
