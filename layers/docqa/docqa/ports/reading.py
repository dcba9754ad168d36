"""Reading documents: formats, text extraction, cutting into passages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Protocol

from docqa.models.chunk import Chunk
from docqa.models.page import Page


class TextExtractor(Protocol):
    """Asynchronous text extraction (OCR)."""

    def start(self, bucket: str, key: str, token: str, tag: str) -> str:
        """Start a job over a stored document; the same token starts the same job. The service's job id.

        Raises:
            DocumentError: the service refuses the document for good.
        """
        ...

    def state(self, external_id: str) -> str:
        """RUNNING, SUCCEEDED or FAILED, asked of the service; for a job whose notification never came."""
        ...

    def pages(self, external_id: str) -> Iterator[Page]:
        """Every page of a finished job in order, numbered as in the document that was sent.

        The method of each is OCR, EMPTY or UNREADABLE.

        Raises:
            NotYetVisibleError: the job is still running.
            ExtractionFailedError: the job failed.
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
