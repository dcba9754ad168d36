"""What was filled into a form or put onto a page later: a reader sees it, the text layer does not have it."""

from __future__ import annotations

import pypdfium2
import pypdfium2.raw as pdfium

_WRITTEN = frozenset({pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP})


def prepare_forms(document: pypdfium2.PdfDocument) -> None:
    """Let PDFium draw the fields for which the file has no picture; before any page is loaded."""
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()


def load_page(document: pypdfium2.PdfDocument, number: int) -> tuple[pypdfium2.PdfPage, int | None]:
    """The page with fields, notes and stamps as part of it, as they are when it is printed.

    Returns:
        The page, and how many characters come before those that were put onto it; None when nothing was.

    Raises:
        pypdfium2.PdfiumError: the page is damaged.
    """
    page = document[number - 1]
    if not _has_written(page):
        return page, None
    own = page.get_textpage().count_chars()
    if pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) != pdfium.FLATTEN_SUCCESS:
        return page, None
    page.close()
    return document[number - 1], own


def _has_written(page: pypdfium2.PdfPage) -> bool:
    for place in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, place)
        try:
            if pdfium.FPDFAnnot_GetSubtype(annotation) in _WRITTEN:
                return True
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return False
