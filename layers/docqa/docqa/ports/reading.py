"""Reading documents: formats, text extraction, cutting into passages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Protocol

from docqa.models.chunk import Chunk
from docqa.models.page import Page
from docqa.models.work import OcrFeatures


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """A page that text extraction read.

    Attributes:
        page: Under the document's own number; its method is OCR, EMPTY (no text was found) or UNREADABLE.
        shows_table: A table is to be seen on it that was read as lines.
        position: From where `TextExtractor.pages` goes on after this page.
    """

    page: Page
    shows_table: bool
    position: str


class TextExtractor(Protocol):
    """Asynchronous text extraction (OCR)."""

    def start(self, bucket: str, key: str, features: OcrFeatures, token: str, tag: str) -> str:
        """Start a job over a stored document; the same token starts the same job. The service's job id.

        Raises:
            DocumentError: the service refuses the document for good.
        """
        ...

    def state(self, external_id: str, features: OcrFeatures) -> str:
        """RUNNING, SUCCEEDED or FAILED, asked of the service; for a job whose notification never came."""
        ...

    def pages(
        self, external_id: str, features: OcrFeatures, numbers: Sequence[int], position: str = ""
    ) -> Iterator[ExtractedPage]:
        """Every page of a finished job once and in order; what did not come back is UNREADABLE.

        Args:
            external_id: The service's job id.
            features: What the job was asked for.
            numbers: The document's number of each page that was sent.
            position: Of the last page that is not wanted again; empty: from the first.

        Raises:
            NotYetVisibleError: the job is still running.
            ExtractionFailedError: the job failed, or its result is no longer kept.
        """
        ...


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file says of itself.

    Attributes:
        pages: How many pages it has; a format without pages has one.
        title: The title that it states, or its first heading; empty when it has none.
        opening: The first lines of its text, for a title of last resort.
    """

    pages: int
    title: str = ""
    opening: str = ""


class TypeDetector(Protocol):
    """Tells what a file is."""

    def detect(self, file: IO[bytes], name: str) -> str:
        """The media type, by content; the name only tells kinds of text apart.

        Raises:
            UnsupportedDocumentError: a type that docqa does not read.
            DocumentError: the file is damaged, or not what its name promises.
        """
        ...


class DocumentFormat(Protocol):
    """How documents of one media type are read."""

    def outline(self, file: IO[bytes]) -> Outline:
        """Look at the whole file without reading all of it.

        Raises:
            DocumentError: the file cannot be read: encrypted, damaged, too large, or without any page.
        """
        ...

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """Pages `first` to `last` (1-based, inclusive) in order; a page that needs extraction is NEEDS_OCR.

        Raises:
            DocumentError: as above. A single damaged page is UNREADABLE instead.
        """
        ...


class PageSelector(Protocol):
    """Takes pages out of a document, for the text extraction service."""

    def select(self, file: IO[bytes], numbers: Sequence[int]) -> AbstractContextManager[IO[bytes]]:
        """An unencrypted document of just these pages (1-based, ascending), in that order."""
        ...


class Splitter(Protocol):
    """Cuts pages into passages."""

    @property
    def settings(self) -> Mapping[str, object]:
        """Everything that changes what comes out; part of the settings hash."""
        ...

    def split(self, pages: Iterable[Page]) -> Iterator[Chunk]:
        """Chunks in reading order, ordinals from 0. Each is a verbatim span of its page."""
        ...
