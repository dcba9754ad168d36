"""PDF documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import pypdfium2

from docqa.adapters.pdfium.documents import is_encrypted, opened, part
from docqa.adapters.pdfium.forms import prepare_forms
from docqa.adapters.pdfium.page import PageReader
from docqa.domain.page_text import clean
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentTooLargeError
from docqa.models.page import Page
from docqa.ports.reading import Outline

# For a title of last resort.
OPENING_CHARACTERS = 2_000


class PdfFormat:
    """Implements `ports.DocumentFormat` and `ports.PageSelector` by PDFium.

    It opens what an empty user password opens, decrypts by itself, and repairs what it can; one parser reads the pages
    and takes them out, so that a damaged file cannot mean two things.
    """

    def __init__(self, limits: ParsingLimits | None = None) -> None:
        self._limits = limits or ParsingLimits()

    def outline(self, file: IO[bytes]) -> Outline:
        """Pages, stated title and first lines."""
        with opened(file) as document:
            pages = len(document)
            if pages > self._limits.max_pages:
                raise DocumentTooLargeError(
                    f"The PDF has {pages} pages; at most {self._limits.max_pages} are read. Split it."
                )
            return Outline(pages=pages, title=document.get_metadata_value("Title"), opening=_opening(document))

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """Pages with their text layer, or marked as needing extraction."""
        with opened(file) as document:
            prepare_forms(document)
            yield from PageReader(document, self._limits).pages(first, last)

    @contextmanager
    def select(self, file: IO[bytes], numbers: Sequence[int]) -> Iterator[IO[bytes]]:
        """An unencrypted PDF of just these pages; the file itself when that is what it is."""
        with opened(file) as document:
            if len(numbers) < len(document) or is_encrypted(document):
                with part(document, numbers) as selected:
                    yield selected
                return
        # A scan of hundreds of megabytes: PDFium would hold it twice in memory.
        file.seek(0)
        yield file


def _opening(document: pypdfium2.PdfDocument) -> str:
    try:
        page = document[0]
    except pypdfium2.PdfiumError:
        return ""
    text_page = page.get_textpage()
    opening = text_page.get_text_range(0, min(text_page.count_chars(), OPENING_CHARACTERS))
    page.close()
    return clean(opening)
