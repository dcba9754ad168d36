"""The body of a Word document, block by block: paragraphs, lists, tables, notes, boxes, headers and footers."""

from __future__ import annotations

from collections.abc import Iterator

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.parts.story import StoryPart

from docqa.adapters.formats.docx_inline import InlineReader
from docqa.adapters.formats.docx_numbering import Numbering
from docqa.adapters.formats.docx_styles import Styles
from docqa.adapters.formats.flow import Block, Break, margin_notes
from docqa.adapters.formats.html import html_text
from docqa.adapters.formats.text_decoding import decode
from docqa.adapters.formats.xml_trees import Element, local_name, parse_xml
from docqa.domain.tables import pipe_table

_WRAPPERS = ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "body", "txbxContent")
_LIST_INDENT = "  "


class DocumentReader:
    """Reads one document, counting its lists as it goes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._styles = Styles(document)
        self._numbering = Numbering(document)
        self._inline = InlineReader(document, self._styles)

    def blocks(self) -> Iterator[Block]:
        """Everything in reading order; headers and footers once, at the foot of the first page."""
        yield Block(notes=margin_notes(self._headers_and_footers()))
        yield from self._blocks(self._document.element.body)

    def _blocks(self, container: Element, *, inside: bool = False) -> Iterator[Block]:
        """The blocks of a container; `inside` a table's cell there are no tables, only their words."""
        for child in container:
            name = local_name(child)
            if name == "p":
                yield from self._paragraph(child)
            elif name == "tbl":
                yield from self._table(child, inside=inside)
            elif name == "altChunk":
                yield Block(self._foreign(child))
            elif name in _WRAPPERS:
                yield from self._blocks(child, inside=inside)
            elif name == "AlternateContent" and len(child):
                yield from self._blocks(child[0], inside=inside)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        properties = paragraph.find(qn("w:pPr"))
        prefix, glued = self._prefix(paragraph)
        before = Break.STATED if self._styles.breaks_before(properties) else None
        for number, part in enumerate(self._inline.parts(paragraph)):
            text = prefix + part.text.strip() if part.text.strip() else ""
            if text:
                prefix = ""
            yield Block(text, glued and not number, part.ends or before, part.pictures, part.drawings, part.notes)
            before = None
            for box in part.boxes:
                yield from self._blocks(box)
        if properties is not None and _begins_page(properties.find(qn("w:sectPr"))):
            yield Block(ends=Break.STATED)

    def _prefix(self, paragraph: Element) -> tuple[str, bool]:
        """The marks of a heading or list entry, and whether it stands right below the entry before it."""
        level = self._styles.heading_level(paragraph)
        list_id, depth = self._styles.list_level(paragraph)
        mark = self._numbering.mark(list_id, depth) if list_id else ""
        if level:
            return f"{'#' * level} {mark + ' ' if mark and mark != '-' else ''}", False
        return (f"{_LIST_INDENT * depth}{mark} ", True) if mark else ("", False)

    def _table(self, table: Element, *, inside: bool) -> Iterator[Block]:
        """A pipe table; it goes on below its column names where a page ended between its rows."""
        rows: list[list[str]] = []
        rest = Block()
        for row in _rows(table):
            cells, found = self._row(row, rows[-1] if rows else [])
            if found.ends and len(rows) > 1:
                yield Block(_set(rows, inside=inside))
                yield Block(ends=found.ends)
                rows = [rows[0]]
            rows.append(cells)
            _gather(found, rest)
        rest.text = _set(rows, inside=inside)
        yield rest

    def _row(self, row: Element, above: list[str]) -> tuple[list[str], Block]:
        cells: list[str] = []
        found = Block()
        for cell in _cells(row):
            text = self._cell(cell, found)
            if _continues(cell) and len(above) > len(cells):
                text = above[len(cells)]
            cells += [text, *[""] * (_width(cell) - 1)]
        return cells, found

    def _cell(self, cell: Element, found: Block) -> str:
        texts: list[str] = []
        for block in self._blocks(cell, inside=True):
            texts += [block.text] if block.text.strip() else []
            found.ends = found.ends or block.ends
            _gather(block, found)
        return "\n".join(texts)

    def _headers_and_footers(self) -> Iterator[str]:
        for kind in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER):
            for relationship in self._document.part.rels.values():
                if relationship.reltype == kind and not relationship.is_external:
                    part = relationship.target_part
                    root = part.element if isinstance(part, StoryPart) else parse_xml(part.blob)
                    text = "\n\n".join(block.text for block in self._blocks(root) if block.text.strip())
                    if text:
                        yield text

    def _foreign(self, chunk: Element) -> str:
        """A document within the document, as report generators put them in."""
        part = self._document.part.related_parts.get(chunk.get(qn("r:id"), ""))
        if part is None:
            return ""
        if "html" in part.content_type:
            return html_text(part.blob)[1]
        return decode(part.blob) if part.content_type.startswith("text/") else ""


def _set(rows: list[list[str]], *, inside: bool) -> str:
    """Rows as a table. A frame around text is none, and within a cell there is no room for one."""
    if inside:
        return "; ".join(", ".join(filter(None, row)) for row in rows)
    if max(map(len, rows), default=0) == 1:
        return "\n\n".join(cell for row in rows for cell in row if cell.strip())
    return pipe_table(rows)


def _gather(block: Block, into: Block) -> None:
    into.pictures += block.pictures
    into.drawings += block.drawings
    into.notes += block.notes


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if local_name(child) == "tr":
            yield child
        elif local_name(child) in _WRAPPERS:
            yield from _rows(child)


def _cells(row: Element) -> Iterator[Element]:
    for child in row:
        if local_name(child) == "tc":
            yield child
        elif local_name(child) in _WRAPPERS:
            yield from _cells(child)


def _width(cell: Element) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    value = "1" if span is None else span.get(qn("w:val"), "1")
    # More columns than a Word table may have are a trap.
    return min(int(value), 63) if value.isdecimal() else 1


def _continues(cell: Element) -> bool:
    """Whether the cell is the lower part of one that spans several rows."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"


def _begins_page(section: Element | None) -> bool:
    """Whether what follows a section's end stands on a new page."""
    if section is None:
        return False
    kind = section.find(qn("w:type"))
    return kind is None or kind.get(qn("w:val"), "nextPage") in ("nextPage", "oddPage", "evenPage")
