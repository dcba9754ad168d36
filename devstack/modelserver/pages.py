"""A document's pages as pictures."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

# The formats that Textract takes, by their first bytes.
SIGNATURES = {
    b"%PDF": "pdf",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
}
PDF_POINTS_AN_INCH = 72
# PDFium may be called by one thread at a time.
PDFIUM = threading.Lock()
# Textract takes no picture with a longer side.
LONGEST_PICTURE_PIXELS = 10_000
# Very large pages are rendered smaller: OCR looks at no more detail, and memory stays bounded.
LONGEST_SIDE_PIXELS = 4000


class UnreadableDocumentError(Exception):
    """Not a document that Textract reads: another format, encrypted, or damaged."""


def document_kind(content: bytes) -> str:
    """Whether it is a "pdf", a "tiff" of one or more pages, or another "picture".

    Raises:
        UnreadableDocumentError: neither.
    """
    # A PDF's header may stand anywhere in its first kilobyte.
    if b"%PDF" in content[:1024]:
        return "pdf"
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            return kind
    raise UnreadableDocumentError("The document is neither PDF, PNG, JPEG nor TIFF.")


def check_can_be_opened(content: bytes) -> None:
    """Textract reads no encrypted PDF, not even one whose user password is empty, and no giant picture.

    Raises:
        UnreadableDocumentError: the PDF is encrypted, or the picture too large.
    """
    if document_kind(content) == "pdf":
        _check_not_encrypted(content)
    else:
        _check_size(content)


def _check_size(content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            longest = max(image.size)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise UnreadableDocumentError(str(error)) from error
    if longest > LONGEST_PICTURE_PIXELS:
        raise UnreadableDocumentError(f"The picture is {longest} pixels long.")


def _check_not_encrypted(content: bytes) -> None:
    try:
        with PDFIUM, pypdfium2.PdfDocument(content) as document:
            encrypted = pypdfium2.raw.FPDF_GetSecurityHandlerRevision(document) != -1
    except pypdfium2.PdfiumError as error:
        encrypted = "assword" in str(error) or "ecurity" in str(error)
    if encrypted:
        raise UnreadableDocumentError("The PDF is encrypted.")


class PagePictures:
    """The pages of one document, rendered one at a time.

    Args:
        content: the whole file.
        dpi: resolution of rendered PDF pages.
    """

    def __init__(self, content: bytes, dpi: int) -> None:
        self._content = content
        self._dpi = dpi
        self._is_pdf = document_kind(content) == "pdf"

    def count(self) -> int:
        """How many pages there are.

        Raises:
            UnreadableDocumentError: the file is damaged.
        """
        try:
            if self._is_pdf:
                with PDFIUM, pypdfium2.PdfDocument(self._content) as document:
                    return len(document)
            with Image.open(io.BytesIO(self._content)) as image:
                return int(getattr(image, "n_frames", 1))
        except (pypdfium2.PdfiumError, UnidentifiedImageError, OSError) as error:
            raise UnreadableDocumentError(str(error)) from error

    def each(self) -> Iterator[NDArray[np.uint8] | None]:
        """Every page in order, RGB, shape (height, width, 3); None for a page that cannot be rendered."""
        count = self.count()
        if self._is_pdf:
            for number in range(count):
                yield self._render(number)
        else:
            with Image.open(io.BytesIO(self._content)) as image:
                for number in range(count):
                    yield _frame(image, number)

    def _render(self, number: int) -> NDArray[np.uint8] | None:
        try:
            with PDFIUM, pypdfium2.PdfDocument(self._content) as document:
                page = document[number]
                scale = min(self._dpi / PDF_POINTS_AN_INCH, LONGEST_SIDE_PIXELS / max(page.get_size()))
                return np.asarray(page.render(scale=scale).to_pil().convert("RGB"))
        except pypdfium2.PdfiumError:
            return None


def _frame(image: Image.Image, number: int) -> NDArray[np.uint8] | None:
    try:
        image.seek(number)
        return np.asarray(_fitting(image.convert("RGB")))
    except (OSError, EOFError, SyntaxError):  # how Pillow says that a picture's bytes end early or make no sense
        return None


def _fitting(picture: Image.Image) -> Image.Image:
    longest = max(picture.size)
    if longest <= LONGEST_SIDE_PIXELS:
        return picture
    scale = LONGEST_SIDE_PIXELS / longest
    return picture.resize((round(picture.width * scale), round(picture.height * scale)))
