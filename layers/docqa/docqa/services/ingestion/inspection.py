"""Step 1: what the file is, whether it can be read, and how its pages are shared out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from docqa.domain import chunk_rules, page_quality
from docqa.domain.artifacts import GenerationArtifacts
from docqa.domain.fingerprints import settings_hash
from docqa.domain.media_types import READING_VERSION
from docqa.domain.spans import page_spans
from docqa.domain.titles import choose_title
from docqa.errors import DocumentTooLargeError, EmptyDocumentError, StaleVersionError
from docqa.models.document import DocumentReference
from docqa.models.source import Source
from docqa.models.work import Inspection, OcrFeatures
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.reading import DocumentFormat, Outline, TypeDetector
from docqa.services.ingestion.extraction_results import RESULTS_VERSION
from docqa.services.ingestion.storage import require_current, source_file

_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class InspectionRules:
    """Limits, and every setting that decides a result of the pipeline.

    Attributes:
        max_bytes: Largest file that is taken in.
        max_pages: Most pages; Textract takes 3,000.
        chunk_characters: Longest passage.
        ocr_features: What is read from pages that need text extraction.
    """

    max_bytes: int
    max_pages: int
    chunk_characters: int
    ocr_features: OcrFeatures


@dataclass(frozen=True, slots=True)
class InspectDocument:
    """Decides what will be done with a document, and refuses at once what can never be read."""

    documents: ObjectStore
    work: ObjectStore
    registry: DocumentRegistry
    detector: TypeDetector
    formats: Mapping[str, DocumentFormat]
    rules: InspectionRules
    clock: Clock

    def run(self, reference: DocumentReference) -> Inspection:
        """Type, pages and spans of the document; what was found is kept for the steps that follow.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            DocumentError: the file cannot be processed; the message tells its owner why.
        """
        started = self.clock.now()
        require_current(self.registry, reference)
        self._check_size(reference)
        with source_file(self.documents, reference) as file:
            kind = self.detector.detect(file, reference.key)
            content_hash = _sha256(file)
            outline = self.formats[kind].outline(file)
        if outline.pages > self.rules.max_pages:
            raise DocumentTooLargeError(
                f"The document has {outline.pages} pages; at most {self.rules.max_pages} are read. Split it."
            )
        source = self._source(kind, content_hash, outline, reference.key)
        self.work.write(GenerationArtifacts(reference).source, source.model_dump_json().encode(), "application/json")
        self.registry.record_inspection(reference, kind, content_hash, source.texts_hash, source.title)
        self.registry.add_usage(reference, "inspect", {}, {"inspect": self.clock.now() - started})
        return Inspection(media_type=kind, pages=outline.pages, spans=page_spans(outline.pages, whole=outline.whole))

    def _check_size(self, reference: DocumentReference) -> None:
        generation = self.registry.get_generation(reference.document_id, reference.generation)
        if generation is None:
            raise StaleVersionError(f"generation {reference.generation} of {reference.document_id} is not on record")
        if generation.size == 0:
            raise EmptyDocumentError("The file is empty.")
        if generation.size > self.rules.max_bytes:
            raise DocumentTooLargeError(
                f"The file has {_megabytes(generation.size)}; at most {_megabytes(self.rules.max_bytes)} are read. "
                "Split it, or compress its pictures."
            )

    def _source(self, kind: str, content_hash: str, outline: Outline, key: str) -> Source:
        rules = self.rules
        title = choose_title(outline.title, outline.opening, key)
        # Equal bytes may be read as Markdown or as plain text, by their name.
        extraction = {
            "media_type": kind,
            "reading": READING_VERSION,
            "features": rules.ocr_features,
            "pages": page_quality.RULES_VERSION,
            "results": RESULTS_VERSION,
        }
        texts = {
            "extraction": extraction,
            "chunks": dict(chunk_rules.chunk_settings(rules.chunk_characters)),
            "title": title,
        }
        return Source(
            media_type=kind,
            content_hash=content_hash,
            pages=outline.pages,
            title=title,
            extraction_hash=settings_hash(extraction),
            texts_hash=settings_hash(texts),
            whole=outline.whole,
        )


def _sha256(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(_READ_BYTES):
        digest.update(block)
    return digest.hexdigest()


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
