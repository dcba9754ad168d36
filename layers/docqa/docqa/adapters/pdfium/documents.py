"""Opening PDF files and taking pages out of them."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import pypdfium2
import pypdfium2.raw as pdfium

from docqa.errors import EmptyDocumentError, EncryptedDocumentError, MalformedDocumentError

# Below this a selected document stays in memory.
_SPILL_BYTES = 16 * 1024 * 1024
_NO_SECURITY_HANDLER = -1
# `Appendix A-12` and the like; a longer label is none.
_LABEL_BYTES = 128
# UTF-16 ends with two zero bytes.
_END_BYTES = 2


@contextmanager
def opened(file: IO[bytes]) -> Iterator[pypdfium2.PdfDocument]:
    """The document in a file.

    Raises:
        EncryptedDocumentError: it opens only with a password.
        MalformedDocumentError: it is no PDF that could be repaired.
        EmptyDocumentError: it has no pages.
    """
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


@contextmanager
def part(document: pypdfium2.PdfDocument, numbers: Sequence[int]) -> Iterator[IO[bytes]]:
    """An unencrypted document of the pages with these numbers (1-based).

    Raises:
        MalformedDocumentError: the pages are damaged.
    """
    with tempfile.SpooledTemporaryFile(max_size=_SPILL_BYTES) as selected:
        chosen = pypdfium2.PdfDocument.new()
        try:
            chosen.import_pages(document, [number - 1 for number in numbers])
            chosen.save(selected)
        except pypdfium2.PdfiumError as error:
            raise MalformedDocumentError(
                "Scanned pages of the PDF are damaged and cannot be taken out for text recognition. "
                "Print it to a new PDF and upload that."
            ) from error
        finally:
            chosen.close()
        selected.seek(0)
        yield selected


def is_encrypted(document: pypdfium2.PdfDocument) -> bool:
    """Whether the file is encrypted, though it opens without a password."""
    return bool(pdfium.FPDF_GetSecurityHandlerRevision(document) != _NO_SECURITY_HANDLER)


def page_label(document: pypdfium2.PdfDocument, number: int) -> str:
    """`Page iv` where the document itself calls the page otherwise than by its number, else empty."""
    buffer = ctypes.create_string_buffer(_LABEL_BYTES)
    size = pdfium.FPDF_GetPageLabel(document, number - 1, buffer, _LABEL_BYTES)
    if not _END_BYTES < size <= _LABEL_BYTES:
        return ""
    label = " ".join(buffer.raw[: size - _END_BYTES].decode("utf-16-le", "ignore").split())
    return f"Page {label}" if label and label.isprintable() and label != str(number) else ""
