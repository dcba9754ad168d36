"""What is known of a document's extraction: its parts, and the pages that came back, in the work bucket.

Equal files of a tenant share it. Whatever is written is named and cut by what it is made of, so that two executions
that write it at the same time write the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docqa.domain.artifacts import ExtractionArtifacts
from docqa.models.page import Page
from docqa.models.work import OcrFeatures, PageSpan
from docqa.ports.objects import ObjectStore
from docqa.services.ingestion.storage import find_json, load_json, load_pages, save_json, save_pages

# Raised when equal answers of the service make other pages, or lie elsewhere: then nothing that was kept is used again.
RESULTS_VERSION = 3

# One object of results. A dense page has some 1,000 blocks, one call for each page: at the slowest quota (one call a
# second) that is half a minute, which a killed run loses at most.
PAGES_PER_OBJECT = 25


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the result of a part was saved.

    Attributes:
        saved: Pages of the part that are saved.
        position: From where the extractor goes on.
        tables: The document's numbers of saved pages on which a table was seen but read as lines.
    """

    saved: int = 0
    position: str = ""
    tables: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtractionResults:
    """The results below one prefix."""

    work: ObjectStore
    prefix: str

    @property
    def artifacts(self) -> ExtractionArtifacts:
        """Where they lie."""
        return ExtractionArtifacts(self.prefix)

    def parts(self, features: OcrFeatures) -> list[list[int]] | None:
        """The document's page numbers in each part of a round; None while the round is not planned."""
        return find_json(self.work, self.artifacts.parts(features))

    def plan(self, features: OcrFeatures, parts: Sequence[Sequence[int]]) -> None:
        """Note the parts of a round."""
        save_json(self.work, self.artifacts.parts(features), [list(part) for part in parts])

    def is_done(self, features: OcrFeatures, part: int) -> bool:
        """Whether every page of a part is saved."""
        return self.work.exists(self.artifacts.done(features, part))

    def progress(self, features: OcrFeatures, part: int) -> Progress:
        """How far a part was saved."""
        found = find_json(self.work, self.artifacts.progress(features, part))
        return Progress(found["saved"], found["position"], tuple(found["tables"])) if found else Progress()

    def save(self, features: OcrFeatures, part: int, pages: Sequence[Page], progress: Progress) -> None:
        """Write the next pages, and then how far it got."""
        span = PageSpan(first=progress.saved - len(pages) + 1, last=progress.saved)
        save_pages(self.work, self.artifacts.pages(features, part, span), pages)
        told = {"saved": progress.saved, "position": progress.position, "tables": progress.tables}
        save_json(self.work, self.artifacts.progress(features, part), told)

    def finish(self, features: OcrFeatures, part: int, tables: Sequence[int]) -> None:
        """Note that every page of a part is saved."""
        save_json(self.work, self.artifacts.done(features, part), {"tables": list(tables)})

    def pages(self, features: OcrFeatures, part: int, count: int) -> Iterator[Page]:
        """The pages of a finished part in order."""
        for before, last in pairwise([*range(0, count, PAGES_PER_OBJECT), count]):
            yield from load_pages(
                self.work, self.artifacts.pages(features, part, PageSpan(first=before + 1, last=last))
            )

    def pages_with_tables(self, features: OcrFeatures) -> list[int]:
        """The document's numbers of pages on which a table was seen, of the parts that are finished."""
        numbers: list[int] = []
        for part, _ in enumerate(self.parts(features) or (), start=1):
            if self.is_done(features, part):
                numbers += load_json(self.work, self.artifacts.done(features, part))["tables"]
        return numbers
