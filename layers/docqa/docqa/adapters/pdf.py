"""PDF, by PDFium: text layers, what is on a page, and documents of some of the pages.

PDFium opens what an empty user password opens, decrypts by itself, and repairs what it can; one parser reads the pages
and takes them out, so that a damaged file cannot mean two things.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import pypdfium2
import pypdfium2.raw as pdfium

from docqa.domain.page_quality import FEW_CHARACTERS, choose_method, measure
from docqa.domain.page_text import clean
from docqa.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    MalformedDocumentError,
)
from docqa.models.page import Page, ReadingMethod
from docqa.ports.reading import Outline

# For a title of last resort.
OPENING_CHARACTERS = 1_000
# A densely printed A0 sheet has some 100,000 characters; more is made to exhaust memory.
PAGE_MAX_CHARACTERS = 1_000_000
# Pictures lie in forms in forms; real files need two or three levels.
_FORM_DEPTH = 4
# Below this a selected document stays in memory.
_SPILL_BYTES = 16 * 1024 * 1024
_NO_SECURITY_HANDLER = -1


class PdfFormat:
    """Implements `ports.DocumentFormat` and `ports.PageSelector`."""

    def outline(self, file: IO[bytes]) -> Outline:
        """Pages, stated title and first lines."""
        with _opened(file) as document:
            title = document.get_metadata_value("Title")
            return Outline(pages=len(document), title=title, opening=_opening(document))

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """Pages with their text layer, or marked as needing extraction."""
        with _opened(file) as document:
            for number in range(first, last + 1):
                yield _page(document, number)

    @contextmanager
    def select(self, file: IO[bytes], numbers: Sequence[int]) -> Iterator[IO[bytes]]:
        """An unencrypted PDF of just these pages; the file itself when that is what it is."""
        with _opened(file) as document:
            if len(numbers) < len(document) or _is_encrypted(document):
                with _part(document, numbers) as selected:
                    yield selected
                return
        # A scan of hundreds of megabytes: PDFium would hold it twice in memory.
        file.seek(0)
        yield file


@contextmanager
def _part(document: pypdfium2.PdfDocument, numbers: Sequence[int]) -> Iterator[IO[bytes]]:
    with tempfile.SpooledTemporaryFile(max_size=_SPILL_BYTES) as selected:
        part = pypdfium2.PdfDocument.new()
        try:
            part.import_pages(document, [number - 1 for number in numbers])
            part.save(selected)
        except pypdfium2.PdfiumError as error:
            raise MalformedDocumentError(
                "Scanned pages of the PDF are damaged and cannot be taken out for text recognition. "
                "Print it to a new PDF and upload that."
            ) from error
        finally:
            part.close()
        selected.seek(0)
        yield selected


def _is_encrypted(document: pypdfium2.PdfDocument) -> bool:
    return bool(pdfium.FPDF_GetSecurityHandlerRevision(document) != _NO_SECURITY_HANDLER)


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[pypdfium2.PdfDocument]:
    file.seek(0)
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise EncryptedDocumentError("The PDF opens only with a password. Upload a copy without one.") from error
        raise MalformedDocumentError(
            "The file is no readable PDF: it is damaged or incomplete. Upload it again."
        ) from error
    try:
        if len(document) == 0:
            raise EmptyDocumentError("The PDF has no pages.")
        yield document
    finally:
        document.close()


def _opening(document: pypdfium2.PdfDocument) -> str:
    try:
        page = document[0]
    except pypdfium2.PdfiumError:
        return ""
    text_page = page.get_textpage()
    opening = text_page.get_text_range(0, min(text_page.count_chars(), OPENING_CHARACTERS))
    page.close()
    return clean(opening)


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return Page(number, "", ReadingMethod.UNREADABLE, "the page is damaged", confidence=0.0)
    try:
        text = _text(page, number)
        measures = measure(text, image_cover=0.0, paths=0)
        if measures.characters < FEW_CHARACTERS:
            measures = measure(text, *_drawn(page))
        method, reason = choose_method(measures)
        return Page(number, clean(text) if method is ReadingMethod.TEXT_LAYER else "", method, reason)
    finally:
        page.close()


def _text(page: pypdfium2.PdfPage, number: int) -> str:
    text_page = page.get_textpage()
    characters = text_page.count_chars()
    if characters > PAGE_MAX_CHARACTERS:
        raise DocumentTooLargeError(
            f"Page {number} holds {characters} characters; at most {PAGE_MAX_CHARACTERS} are read."
        )
    return str(text_page.get_text_range())


def _drawn(page: pypdfium2.PdfPage) -> tuple[float, int]:
    width, height = page.get_size()
    pictures, paths = 0.0, 0
    for drawn in page.get_objects(max_depth=_FORM_DEPTH):
        if drawn.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = drawn.get_bounds()
            pictures += abs((right - left) * (top - bottom))
        elif drawn.type == pdfium.FPDF_PAGEOBJ_PATH:
            paths += 1
    return pictures / max(width * height, 1.0), paths
