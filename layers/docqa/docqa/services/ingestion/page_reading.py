"""Step 2: the text of a span of pages, or the mark that a page has to be extracted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from docqa.domain.artifacts import GenerationArtifacts
from docqa.models.work import PageWork
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.ports.reading import DocumentFormat
from docqa.services.ingestion.storage import require_current, save_pages, source_file


@dataclass(frozen=True, slots=True)
class ReadPages:
    """Reads text layers, some pages at a time."""

    documents: ObjectStore
    work: ObjectStore
    registry: DocumentRegistry
    formats: Mapping[str, DocumentFormat]
    clock: Clock

    def run(self, work: PageWork) -> None:
        """Write the pages of the span as read.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            DocumentError: the file turned out to be unreadable.
        """
        started = self.clock.now()
        reference, span = work.reference, work.span
        require_current(self.registry, reference)
        with source_file(self.documents, reference) as file:
            pages = self.formats[work.media_type].read(file, span.first, span.last)
            save_pages(self.work, GenerationArtifacts(reference).pages_read(span), pages)
        self.registry.add_usage(reference, f"read:{span.first}", {}, {"read": self.clock.now() - started})
