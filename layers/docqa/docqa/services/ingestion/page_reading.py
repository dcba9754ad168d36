"""Step 2: the text of a span of pages, or the mark that a page has to be extracted."""

from __future__ import annotations

from collections.abc import Mapping

from docqa.domain.artifacts import GenerationArtifacts
from docqa.models.work import PageWork
from docqa.ports import Clock, DocumentFormat, DocumentRegistry, ObjectStore
from docqa.services.ingestion.storage import require_current, save_pages, source_file


class ReadPages:
    """Reads text layers, some pages at a time."""

    def __init__(
        self,
        documents: ObjectStore,
        work: ObjectStore,
        registry: DocumentRegistry,
        formats: Mapping[str, DocumentFormat],
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._work = work
        self._registry = registry
        self._formats = formats
        self._clock = clock

    def run(self, work: PageWork) -> None:
        """Write the pages of the span as read.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            DocumentError: the file turned out to be unreadable.
        """
        started = self._clock.now()
        reference, span = work.reference, work.span
        require_current(self._registry, reference)
        with source_file(self._documents, reference) as file:
            pages = self._formats[work.media_type].read(file, span.first, span.last)
            save_pages(self._work, GenerationArtifacts(reference).pages_read(span), pages)
        self._registry.add_usage(reference, f"read:{span.first}", {}, {"read": self._clock.now() - started})
