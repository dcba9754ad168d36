"""Pages of a PDF: their order, names, limits, forms; what is read by eye and what is empty."""

from __future__ import annotations

import io

import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from docqa.adapters.pdf import PdfFormat
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentTooLargeError, ParsingLimitError
from docqa.models.page import Page, ReadingMethod, Shows
from tests.fakes.drawn_pdfs import drawn_pdf, filled, paragraph, pictured, scan_of, shown, turned
from tests.fakes.pdfs import text_pdf

PROSE = [
    "The committee met on Tuesday and agreed that the harbour wall",
    "has to be repaired before the winter storms begin. The cost was",
    "estimated at four hundred thousand and is shared by both towns.",
]


def read(file: bytes, limits: ParsingLimits | None = None) -> list[Page]:
    """Every page."""
    pdf = PdfFormat(limits)
    return list(pdf.read(io.BytesIO(file), 1, pdf.outline(io.BytesIO(file)).pages))


@pytest.mark.parametrize("page", [0, 90, 180, 270])
@pytest.mark.parametrize("text", [0, 90, 180, 270])
def test_lines_come_in_order_however_text_and_page_are_turned(text: int, page: int) -> None:
    [found] = read(drawn_pdf([turned(PROSE, text)], page=f"/Rotate {page}"))

    assert found.method is ReadingMethod.TEXT_LAYER
    assert found.text.splitlines() == PROSE
    assert found.hidden == ()


def test_a_page_is_called_what_the_document_calls_it() -> None:
    labels = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D /St 3 >> 3 << /S /D /P (A-) >>] >>"

    pages = read(drawn_pdf([paragraph(PROSE)] * 4, catalog=labels))

    assert [page.label for page in pages] == ["Page i", "Page ii", "", "Page A-1"]
    assert [page.number for page in pages] == [1, 2, 3, 4]


def test_a_page_without_labels_has_none() -> None:
    assert [page.label for page in read(text_pdf(["One", "Two"]))] == ["", ""]


def test_more_characters_than_a_page_may_have_are_refused() -> None:
    """Promise 46: a page made to exhaust memory ends in a stated failure."""
    file = drawn_pdf([paragraph(PROSE)])

    with pytest.raises(ParsingLimitError, match="Page 1 holds"):
        read(file, ParsingLimits(max_page_characters=100))


def test_more_pages_than_a_document_may_have_are_refused() -> None:
    """Promise 46: a flood of pages ends in a stated failure."""
    with pytest.raises(DocumentTooLargeError, match="3 pages"):
        read(text_pdf(["One", "Two", "Three"]), ParsingLimits(max_pages=2))


def test_a_stamped_scan_is_read_by_eye() -> None:
    scan = scan_of(PROSE * 4)
    stamp = "Case 1:20-cv-00123 Document 17 Filed 03/04/2021 Page 3 of 21 CONFIDENTIAL - SUBJECT TO PROTECTIVE ORDER"

    [page] = read(drawn_pdf([pictured() + shown(stamp, 40, 820, 8) + shown(stamp, 40, 20, 8)], scan.pixels))

    assert page.method is ReadingMethod.NEEDS_OCR
    assert "margins" in page.reason


def test_an_illustration_beside_text_is_no_writing_that_was_missed() -> None:
    """Below half of the page a picture illustrates; above, it is the page."""
    half, most = (f"q {width} 0 0 {height} 20 30 cm /I1 Do Q\n" for width, height in ((420, 420), (500, 700)))
    pixels = scan_of(PROSE * 8).pixels

    pages = read(drawn_pdf([half + shown("Figure 3", 50, 780), most + shown("Figure 3", 50, 780)], pixels))

    assert [(page.method, page.shows) for page in pages] == [
        (ReadingMethod.NEEDS_OCR, Shows.PICTURE),
        (ReadingMethod.NEEDS_OCR, Shows.WRITING),
    ]


def test_text_on_a_background_picture_is_a_text_page() -> None:
    background = bytes([200]) * (1_190 * 1_684)

    [page] = read(drawn_pdf([pictured() + paragraph(PROSE, y=500)], background))

    assert page.method is ReadingMethod.TEXT_LAYER
    assert page.text.splitlines() == PROSE


def test_a_caption_stays_when_its_picture_is_read_by_eye() -> None:
    scan = scan_of(PROSE)

    [page] = read(drawn_pdf([pictured() + shown("Table 3", 50, 400)], scan.pixels))

    assert (page.method, page.text) == (ReadingMethod.NEEDS_OCR, "Table 3")
    assert page.shows is Shows.WRITING


def test_what_a_page_shows_besides_its_text_is_looked_at_before_it_is_extracted() -> None:
    """Promise 19: a scan shows writing, so do letters without a meaning; a sheet with one speck does not."""
    blank = bytearray([250]) * (1_190 * 1_684)
    blank[1_190 * 800 + 500 : 1_190 * 800 + 510] = bytes(10)
    pages = [
        *read(drawn_pdf([pictured()], scan_of(PROSE).pixels)),
        *read(drawn_pdf([paragraph(["!#%&$ =+*!# %&$=+" * 4] * 8)])),
        *read(drawn_pdf([pictured() + shown("Table 3", 50, 400)], bytes(blank))),
        *read(drawn_pdf([pictured()], bytes(blank))),
    ]

    assert [page.shows for page in pages if page.method is ReadingMethod.NEEDS_OCR] == [
        Shows.WRITING,
        Shows.WRITING,
        Shows.NOTHING,
        Shows.NOTHING,
    ]


@pytest.mark.parametrize("content", ["", filled("1 1 1", 0, 0, 595, 842), pictured()])
def test_pages_that_show_nothing_are_empty(content: str) -> None:
    [page] = read(drawn_pdf([content], bytes([251]) * (1_190 * 1_684)))

    assert (page.method, page.text) == (ReadingMethod.EMPTY, "")
    assert page.reason


def test_letters_without_a_meaning_are_read_by_eye() -> None:
    glyphs = " ".join(f"/g{code}" for code in range(33, 120))
    font = (
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding "
        f"<< /Type /Encoding /Differences [33 {glyphs}] >> >>"
    )

    [page] = read(drawn_pdf([paragraph(PROSE)], font=font))

    assert page.method is ReadingMethod.NEEDS_OCR
    assert page.text == ""


def test_what_was_filled_into_a_form_is_read_behind_its_label() -> None:
    printed = text_pdf(["Name of the applicant:\nAddress of the applicant:"])
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(printed))
    _add_field(writer, "Jonas Applegate")
    file = io.BytesIO()
    writer.write(file)

    [page] = read(file.getvalue())

    assert page.text.splitlines() == ["Name of the applicant: Jonas Applegate", "Address of the applicant:"]
    assert page.hidden == ()


def test_a_damaged_page_does_not_spoil_the_others() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(text_pdf(["First page", "Second page"])))
    writer.pages[0][NameObject("/Type")] = NameObject("/Catalog")
    file = io.BytesIO()
    writer.write(file)

    pages = read(file.getvalue())

    assert pages[-1].text == "Second page"


def _add_field(writer: pypdf.PdfWriter, value: str) -> None:
    """A text field without a picture of its own, as some programs leave it."""
    field = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/T"): TextStringObject("applicant"),
            NameObject("/V"): TextStringObject(value),
            NameObject("/DA"): TextStringObject("/Helv 11 Tf 0 g"),
            NameObject("/F"): NumberObject(4),
            NameObject("/Rect"): ArrayObject([NumberObject(one) for one in (200, 796, 400, 812)]),
        }
    )
    reference = writer._add_object(field)
    writer.pages[0].setdefault(NameObject("/Annots"), ArrayObject()).append(reference)
    helvetica = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/Helv"): helvetica})
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {
            NameObject("/Fields"): ArrayObject([reference]),
            NameObject("/DA"): TextStringObject("/Helv 11 Tf 0 g"),
            NameObject("/DR"): DictionaryObject({NameObject("/Font"): fonts}),
        }
    )
