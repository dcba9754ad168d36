"""OpenDocument, EPUB, Rich Text, CSV, XML and long texts."""

from __future__ import annotations

from contextlib import suppress

import pytest

from docqa.errors import EmptyDocumentError, EncryptedDocumentError, MalformedDocumentError
from docqa.models.page import ReadingMethod
from tests.unit.formats.pictures import picture
from tests.unit.formats.reading import archive, hidden_texts, read, selected, title

URN = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = " ".join(
    [
        *(f'xmlns:{name}="{URN}:{name}:1.0"' for name in ("office", "text", "table", "style", "draw")),
        f'xmlns:fo="{URN}:xsl-fo-compatible:1.0"',
        'xmlns:xlink="http://www.w3.org/1999/xlink"',
    ]
)
STYLES = """<office:automatic-styles>
  <style:style style:name="new" style:family="paragraph"><style:paragraph-properties fo:break-before="page"/>
  </style:style>
  <style:style style:name="gone" style:family="text"><style:text-properties text:display="none"/></style:style>
  <style:style style:name="white" style:family="text"><style:text-properties fo:color="#FFFFFF"/></style:style>
  <text:list-style style:name="numbers"><text:list-level-style-number text:level="1" style:num-format="1"/>
  </text:list-style></office:automatic-styles>"""


def odt(body: str, members: dict[str, bytes | str] | None = None) -> bytes:
    content = (
        f"<office:document-content {NAMESPACES}>{STYLES}<office:body><office:text>{body}</office:text></office:body>"
    )
    meta = '<m><meta><t:title xmlns:t="dc">A letter</t:title></meta></m>'
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"{content}</office:document-content>",
            "meta.xml": meta,
            **(members or {}),
        }
    )


def test_an_opendocument_text_is_read_in_its_order() -> None:
    body = """<text:h text:outline-level="2">Prices</text:h><text:p>Two<text:s text:c="2"/>blanks,
      a<text:tab/>tab<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>A note.</text:p>
      </text:note-body></text:note>.</text:p>
      <text:list text:style-name="numbers"><text:list-item><text:p>One</text:p></text:list-item><text:list-item>
      <text:p>Two</text:p><text:list><text:list-item><text:p>below</text:p></text:list-item></text:list></text:list-item></text:list>
      <table:table><table:table-row><table:table-cell><text:p>Item</text:p></table:table-cell><table:table-cell>
      <text:p>Price</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell
      table:number-columns-repeated="2"><text:p>same</text:p></table:table-cell></table:table-row></table:table>
      <text:p text:style-name="new">Second page</text:p><text:p>and <text:soft-page-break/>third</text:p>"""

    content = odt(body)
    first, second, third = read(content)

    assert first.text == (
        "## Prices\n\nTwo  blanks, a\ttab[1].\n1. One\n2. Two\n  - below\n\n"
        "| Item | Price |\n| --- | --- |\n| same | same |\n\n[1] A note."
    )
    assert (second.text, third.text) == ("Second page\n\nand", "third")
    assert title(content) == "A letter"


def test_hidden_text_of_an_opendocument_is_marked() -> None:
    """Promise 48: text that is not displayed, or white on white, is flagged."""
    spans = " ".join(f'<text:span text:style-name="{name}">{name}</text:span>' for name in ("gone", "white"))

    (page,) = read(odt(f"<text:p>Seen {spans}</text:p>"))

    assert (page.text, hidden_texts(page)) == ("Seen gone white", ["gone white"])


def test_a_protected_opendocument_is_encrypted() -> None:
    manifest = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"

    with pytest.raises(EncryptedDocumentError, match="password"):
        read(odt("<text:p>x</text:p>", {"META-INF/manifest.xml": manifest}))


def test_a_scan_in_an_opendocument_needs_text_recognition() -> None:
    body = '<text:p><draw:frame><draw:image xlink:href="Pictures/scan.png"/></draw:frame></text:p>'
    content = odt(body, {"Pictures/scan.png": picture()})

    assert [page.method for page in read(content)] == [ReadingMethod.NEEDS_OCR]
    assert selected(content, [1]).startswith(b"%PDF-")


def epub(chapters: dict[str, str], members: dict[str, bytes | str] | None = None) -> bytes:
    items = "".join(
        f'<item id="i{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="i{number}"/>' for number in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="dc"><dc:title>The book</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<c><rootfile full-path="OEBPS/b.opf"/></c>',
            "OEBPS/b.opf": package,
            **{f"OEBPS/{name.replace('%20', ' ')}": text for name, text in chapters.items()},
            **(members or {}),
        }
    )


def test_a_book_has_a_page_for_each_chapter_in_the_order_of_its_spine() -> None:
    content = epub(
        {
            "z.xhtml": "<html><body><h1>Beginning</h1><p>It began.</p></body></html>",
            "a%20b.xhtml": "<html><head><title>End</title></head><body><p>It ended.</p></body></html>",
            "cover.xhtml": '<html><body><img src="../cover.png"/></body></html>',
        },
        {"cover.png": picture()},
    )

    pages = read(content)

    assert [(page.label, page.text) for page in pages[:2]] == [
        ("Beginning", "# Beginning\n\nIt began."),
        ("End", "It ended."),
    ]
    assert pages[2].method is ReadingMethod.NEEDS_OCR
    assert title(content) == "The book"


def test_a_book_without_chapters_or_with_protection_says_so() -> None:
    with pytest.raises(EmptyDocumentError):
        read(epub({}))
    with pytest.raises(EncryptedDocumentError, match="protect"):
        read(epub({"a": "x"}, {"META-INF/rights.xml": "<x/>"}))
    with pytest.raises(MalformedDocumentError):
        read(archive({"mimetype": "application/epub+zip", "META-INF/container.xml": "<container/>"}))


RTF = r"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}{\info{\title My \'e9tude}}
{\header Company header\par}{\outlinelevel0 Heading\par}Caf\'e9 {\v secret words} seen.{\footnote\pard A note.}\par
\page Page two\par{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt Box text\par}}}
{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}}{\pict\pngblip\bin4 }{x}}\par
\trowd\cellx1\pard\intbl a\par b\cell c|d\cell\row\trowd 1\cell 2\cell\row After \u8364? text\par}"""


def test_rich_text_is_read_with_what_stands_apart() -> None:
    content = RTF.replace("\n", "").encode("cp1252")
    first, second = read(content)

    assert first.text == "# Heading\nCafé secret words seen."
    assert hidden_texts(first) == ["secret words"]
    assert second.text == (
        "Page two\nlink\n\n| a b | c\\|d |\n| --- | --- |\n| 1 | 2 |\n\nAfter € text\n\n"
        "Company header\n\nA note.\n\nBox text"
    )
    assert title(content) == "My étude"


@pytest.mark.parametrize(
    "content", [b"{\\rtf1", b"{\\rtf1 \\u99999999999 x}", b"{\\rtf1 " + b"{" * 5_000, b"{\\rtf1 \\uc \\u }"]
)
def test_broken_rich_text_ends_with_text_or_a_statement(content: bytes) -> None:
    """Promise 46: damage ends in a stated failure."""
    with suppress(MalformedDocumentError, EmptyDocumentError):
        assert all(page.method is ReadingMethod.TEXT_LAYER or not page.text for page in read(content))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a,b\n1,2\n", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("\ufeffName;Preis\nKäse;1,50\n".encode(), "| Name | Preis |\n| --- | --- |\n| Käse | 1,50 |"),
        ("a\tb\n1\t2\n".encode("utf-16"), "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        (b'a,b\n"x, ""y""\nz",2\n', '| a | b |\n| --- | --- |\n| x, "y" z | 2 |'),
        (b"only\none\ncolumn\n", "only\none\ncolumn"),
        (b"A table\n\na,b\n1,2\n", "A table\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"),
    ],
)
def test_csv_is_a_table_whatever_separates_it(content: bytes, text: str) -> None:
    assert [page.text for page in read(content, "x.csv")] == [text]


def test_xml_is_its_text_and_entities_are_left_alone() -> None:
    """Promise 46: entities do not multiply, and no file is opened for them."""
    bomb = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">
      <!ENTITY f SYSTEM "file:///etc/passwd">]>
      <feed><entry id="7"><title>One</title><body>with <b>mixed</b> text &amp; more</body></entry>
      <x>&b;&f;</x></feed>"""

    (page,) = read(bomb)

    assert page.text.splitlines() == ["entry id: 7", "title: One", "body: with mixed text & more"]


def test_long_texts_without_pages_have_parts_that_end_with_paragraphs() -> None:
    paragraph = "A sentence of a very long text. " * 20 + "\n\n"
    pages = read((paragraph * 400).encode(), "long.txt")

    assert [page.label for page in pages] == ["Part 1", "Part 2", "Part 3"]
    assert "".join(page.text for page in pages) == paragraph * 400
    assert all(page.text.endswith("\n\n") for page in pages)
