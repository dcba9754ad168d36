"""Word documents: pages, headings, numbers, tables, notes, boxes, and what is hidden in them."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph

from docqa.errors import MalformedDocumentError
from docqa.models.page import ReadingMethod
from tests.unit.formats.pictures import picture
from tests.unit.formats.reading import hidden_texts, read, repacked, selected, title


def saved(fill: Callable[[Document], None]) -> bytes:
    document = docx.Document()
    fill(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def text_of(fill: Callable[[Document], None]) -> str:
    (page,) = read(saved(fill))
    return page.text


def seen_break(paragraph: Paragraph) -> None:
    paragraph.add_run()._r.append(OxmlElement("w:lastRenderedPageBreak"))


def test_headings_lists_and_tables_are_markdown() -> None:
    def fill(document: Document) -> None:
        document.add_heading("Report", 0)
        document.add_heading("Prices", 2)
        document.add_paragraph("First", style="List Bullet")
        document.add_paragraph("Second", style="List Bullet")
        document.add_paragraph("One", style="List Number")
        document.add_paragraph("Two", style="List Number")
        table = document.add_table(2, 2)
        for cell, text in zip(
            (c for row in table.rows for c in row.cells), ("Item", "Price", "A | B", "1\n2"), strict=True
        ):
            cell.text = text

    assert text_of(fill) == (
        "# Report\n\n## Prices\n- First\n- Second\n1. One\n2. Two\n\n| Item | Price |\n| --- | --- |\n| A \\| B | 1 2 |"
    )


def test_the_stated_title_is_the_documents() -> None:
    def fill(document: Document) -> None:
        document.core_properties.title = "Annual report"
        document.add_paragraph("Text.")

    assert title(saved(fill)) == "Annual report"


def test_pages_end_where_the_author_and_where_word_saw_them_end() -> None:
    def fill(document: Document) -> None:
        document.add_paragraph("One").add_run().add_break(WD_BREAK.PAGE)
        seen_break(document.add_paragraph())
        paragraph = document.add_paragraph("Two, and ")
        seen_break(paragraph)
        paragraph.add_run("three")
        document.add_section(WD_SECTION.NEW_PAGE)
        document.add_paragraph("Four")
        document.add_paragraph("Five").paragraph_format.page_break_before = True

    assert [page.text for page in read(saved(fill))] == ["One", "Two, and", "three", "Four", "Five"]


def test_a_table_over_two_pages_has_its_column_names_on_both() -> None:
    def fill(document: Document) -> None:
        table = document.add_table(3, 2)
        for row, name in zip(table.rows, ("Item", "a", "b"), strict=True):
            row.cells[0].text, row.cells[1].text = name, f"{name}!"
        seen_break(table.rows[2].cells[0].paragraphs[0])

    first, second = read(saved(fill))

    assert first.text == "| Item | Item! |\n| --- | --- |\n| a | a! |"
    assert second.text == "| Item | Item! |\n| --- | --- |\n| b | b! |"


def test_without_page_breaks_a_long_document_has_a_page_for_each_chapter() -> None:
    def fill(document: Document) -> None:
        document.add_heading("The whole", 1)
        for name in ("Methods", "Results"):
            document.add_heading(name, 2)
            document.add_paragraph(f"{name} are told here. " * 300)

    pages = read(saved(fill))

    assert [page.label for page in pages] == ["", "Methods", "Results"]
    assert pages[1].text.startswith("## Methods\n\nMethods are told here.")


def test_merged_cells_stand_in_each_row_that_they_reach_into() -> None:
    def fill(document: Document) -> None:
        table = document.add_table(3, 3)
        texts = [["Region", "Year", "Sales"], ["North", "2023", "1"], ["", "2024", "2"]]
        for row, line in zip(table.rows, texts, strict=True):
            for cell, text in zip(row.cells, line, strict=True):
                cell.text = text
        table.cell(1, 0).merge(table.cell(2, 0))

    assert text_of(fill).splitlines()[2:] == ["| North | 2023 | 1 |", "| North | 2024 | 2 |"]


def test_headers_footers_and_comments_stand_below_the_text() -> None:
    def fill(document: Document) -> None:
        document.sections[0].header.paragraphs[0].text = "Acme, confidential"
        document.sections[0].footer.paragraphs[0].text = "7"
        run = document.add_paragraph().add_run("The fee is 4.")
        document.add_comment(run, text="Is it?", author="Ann")

    assert text_of(fill) == "The fee is 4.\n\nAcme, confidential\n\nComment (Ann): Is it?"


FOOTNOTES = """<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>Source: the ministry.</w:t></w:r></w:p></w:footnote></w:footnotes>"""


def test_notes_stand_at_the_foot_of_their_page() -> None:
    def fill(document: Document) -> None:
        paragraph = document.add_paragraph("As is known")
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), "2")
        paragraph.add_run()._r.append(reference)
        paragraph.add_run(".").add_break(WD_BREAK.PAGE)
        document.add_paragraph("Next.")

    content = saved(fill)
    relations = _member(content, "word/_rels/document.xml.rels").replace(
        "</Relationships>",
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" '
        'Target="footnotes.xml"/></Relationships>',
    )
    types = _member(content, "[Content_Types].xml").replace(
        "</Types>", '<Override PartName="/word/footnotes.xml" ContentType="application/xml"/></Types>'
    )
    changed = repacked(
        content,
        {"word/footnotes.xml": FOOTNOTES, "word/_rels/document.xml.rels": relations, "[Content_Types].xml": types},
    )

    assert [page.text for page in read(changed)] == ["As is known[2].\n\n[2] Source: the ministry.", "Next."]


BODY = """<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
  xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
  xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:t>Before</w:t></w:r>
  <w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:ins><w:r><w:t> and inserted</w:t></w:r></w:ins>
  <w:r><w:instrText>PAGE</w:instrText></w:r>
  <w:r><mc:AlternateContent><mc:Choice>BOX</mc:Choice><mc:Fallback>BOX</mc:Fallback></mc:AlternateContent></w:r>
</w:p>""".replace("BOX", "<w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent>")


def test_boxes_are_read_once_deleted_text_and_instructions_never() -> None:
    def fill(document: Document) -> None:
        document.add_paragraph("REPLACED")

    content = saved(fill)
    body = _member(content, "word/document.xml")
    start, end = body.index("<w:p>"), body.index("</w:p>") + len("</w:p>")
    changed = repacked(content, {"word/document.xml": body[:start] + BODY + body[end:]})

    assert [page.text for page in read(changed)] == ["Before and inserted\n\nIn a box"]


def _member(content: bytes, name: str) -> str:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read(name).decode()


def test_hidden_text_is_kept_and_marked() -> None:
    """Promise 48: text that nobody sees is flagged: marked as hidden, white on white, of no size, of no width."""

    def fill(document: Document) -> None:
        paragraph = document.add_paragraph("Seen. ")
        paragraph.add_run("Vanished.").font.hidden = True
        paragraph.add_run(" Seen too. ")
        paragraph.add_run("White.").font.color.rgb = RGBColor(255, 255, 255)
        paragraph.add_run(" And ")
        paragraph.add_run("tiny.").font.size = Pt(1)
        document.add_paragraph("zero\u200bwidth")
        table = document.add_table(1, 2, style="Light Grid Accent 1")
        table.cell(0, 0).paragraphs[0].add_run("White on a table's own ground").font.color.rgb = RGBColor(255, 255, 255)
        table.cell(0, 1).text = "x"

    (page,) = read(saved(fill))

    assert hidden_texts(page) == ["Vanished.", "White.", "tiny.", "\u200b"]
    assert page.text.startswith("Seen. Vanished. Seen too. White. And tiny.")


def test_a_page_with_nothing_but_a_picture_needs_text_recognition() -> None:
    def fill(document: Document) -> None:
        document.add_paragraph("Text.").add_run().add_break(WD_BREAK.PAGE)
        document.add_picture(io.BytesIO(picture()))

    content = saved(fill)
    first, second = read(content)

    assert (first.method, second.method) == (ReadingMethod.TEXT_LAYER, ReadingMethod.NEEDS_OCR)
    assert second.reason == "no text, pictures: 1"
    assert selected(content, [2]).startswith(b"%PDF-")


def test_a_damaged_document_says_so() -> None:
    content = saved(lambda document: document.add_paragraph("Text.") and None)

    with pytest.raises(MalformedDocumentError, match="damaged"):
        read(repacked(content, {"word/document.xml": "<w:document><w:body>"}))
