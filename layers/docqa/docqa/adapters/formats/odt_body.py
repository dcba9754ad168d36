"""The body of an OpenDocument text, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from docqa.adapters.formats.archives import Archive
from docqa.adapters.formats.flow import Block, Break, margin_notes
from docqa.adapters.formats.odt_styles import OdtStyles, attribute
from docqa.adapters.formats.xml_trees import Element, local_name
from docqa.domain.hidden_marks import hide, without_marks
from docqa.domain.tables import pipe_table

_WRAPPERS = (
    "section", "table-of-content", "index-body", "index-title", "text-box", "user-index", "alphabetical-index",
    "bibliography", "illustration-index", "table-index", "object-index", "header", "footer", "numbered-paragraph",
)  # fmt: skip
_SKIPPED = (
    "tracked-changes",
    "forms",
    "sequence-decls",
    "variable-decls",
    "user-field-decls",
    "desc",
    "title",
    "script",
)
_SIGNS = {"tab": "\t", "line-break": "\n"}
# White space of the file is one blank; what is meant as more has elements of its own.
_SPACE = re.compile(r"[ \t\r\n]+")
_RASTER = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")
_MAX_HEADING = 6
# What one element may stand for by saying that it is repeated; more is a trap.
_MAX_REPEATED = 200


@dataclass(slots=True)
class _Paragraph:
    """A paragraph in the making: its parts before and behind the ends of pages."""

    parts: list[Block] = field(default_factory=lambda: [Block()])
    boxes: list[Element] = field(default_factory=list)


class BodyReader:
    """Reads one document."""

    def __init__(self, archive: Archive, styles: OdtStyles) -> None:
        self._archive = archive
        self._styles = styles
        self._pending: Break | None = None

    def blocks(self, body: Element, looks: Element | None) -> Iterator[Block]:
        """Everything in reading order; headers and footers once, at the foot of the first page."""
        margins = [] if looks is None else [*looks.iter("{*}header"), *looks.iter("{*}footer")]
        texts = ["\n".join(block.text for block in self._blocks(margin) if block.text.strip()) for margin in margins]
        yield Block(notes=margin_notes(texts))
        yield from self._blocks(body)

    def _blocks(self, container: Element) -> Iterator[Block]:
        for child in container:
            name = local_name(child)
            if name in ("p", "h"):
                yield from self._paragraph(child)
            elif name == "list":
                yield from self._list(child, attribute(child, "style-name"), 1)
            elif name == "table":
                yield from self._table(child)
            elif name == "soft-page-break":
                self._pending = self._pending or Break.SEEN
            elif name in _WRAPPERS:
                yield from self._blocks(child)

    def _paragraph(self, element: Element, prefix: str = "", *, glued: bool = False) -> Iterator[Block]:
        style = attribute(element, "style-name")
        if local_name(element) == "h":
            prefix = "#" * min(int(attribute(element, "outline-level") or 1), _MAX_HEADING) + " "
        paragraph = _Paragraph()
        self._take(element, paragraph, hidden=self._styles.hides("paragraph", style))
        before = Break.STATED if self._styles.breaks_before(style) else self._pending
        self._pending = Break.STATED if self._styles.breaks_after(style) else None
        for number, part in enumerate(paragraph.parts):
            text = part.text.strip()
            part.text = prefix + text if text else ""
            prefix = "" if text else prefix
            part.glued = glued and not number
            part.ends, before = part.ends or before, None
            yield part
        for box in paragraph.boxes:
            yield from self._blocks(box)

    def _take(self, element: Element, paragraph: _Paragraph, *, hidden: bool) -> None:
        self._say(element.text, paragraph, hidden=hidden)
        for child in element:
            self._take_child(child, local_name(child), paragraph, hidden=hidden)
            self._say(child.tail, paragraph, hidden=hidden)

    def _take_child(self, child: Element, name: str, paragraph: _Paragraph, *, hidden: bool) -> None:
        last = paragraph.parts[-1]
        if name == "s":
            last.text += " " * min(int(attribute(child, "c") or 1), _MAX_REPEATED)
        elif name in _SIGNS:
            last.text += _SIGNS[name]
        elif name == "soft-page-break":
            paragraph.parts.append(Block(ends=Break.SEEN))
        elif name == "note":
            mark = child.findtext("{*}note-citation") or ""
            last.text += f"[{mark}]"
            last.notes.append(f"[{mark}] {_words(child.find('{*}note-body'))}")
        elif name == "annotation":
            last.notes.append(f"Comment ({child.findtext('{*}creator') or ''}): {_words(child, 'p')}")
        elif name == "text-box":
            paragraph.boxes.append(child)
        elif name == "image":
            self._picture(attribute(child, "href"), last)
        elif name in ("hidden-text", "hidden-paragraph"):
            last.text += hide(without_marks(attribute(child, "string-value") or _words(child)))
        elif name and name not in _SKIPPED:
            style = attribute(child, "style-name") if name == "span" else ""
            self._take(child, paragraph, hidden=hidden or bool(style and self._styles.hides("text", style)))

    def _say(self, text: str | None, paragraph: _Paragraph, *, hidden: bool) -> None:
        if text:
            said = _SPACE.sub(" ", without_marks(text))
            paragraph.parts[-1].text += hide(said) if hidden else said

    def _picture(self, reference: str, block: Block) -> None:
        name = reference.removeprefix("./")
        if name in self._archive.names and name.lower().endswith(_RASTER):
            block.pictures.append(self._archive.read(name))
        elif not name.startswith("ObjectReplacements"):
            block.drawings += 1

    def _list(self, element: Element, style: str, level: int) -> Iterator[Block]:
        count = 0
        numbered = self._styles.is_numbered(style, level)
        for entry in element:
            if local_name(entry) not in ("list-item", "list-header"):
                continue
            count += 1
            mark = "  " * (level - 1) + (f"{count}. " if numbered else "- ")
            for child in entry:
                if local_name(child) == "list":
                    yield from self._list(child, attribute(child, "style-name") or style, level + 1)
                elif local_name(child) in ("p", "h"):
                    yield from self._paragraph(child, mark, glued=True)
                    mark = "  " * level

    def _table(self, table: Element) -> Iterator[Block]:
        gathered = Block(ends=self._pending)
        self._pending = None
        rows: list[list[str]] = []
        for row in table.iter("{*}table-row"):
            # Rows of a table within a cell are that cell's words.
            if next(row.iterancestors("{*}table")) is not table:
                continue
            cells = self._row(row, rows[-1] if rows else [], gathered)
            rows += [cells] * min(int(attribute(row, "number-rows-repeated") or 1), _MAX_REPEATED)
        one_column = max(map(len, rows), default=0) == 1
        gathered.text = "\n\n".join(cell for row in rows for cell in row if cell) if one_column else pipe_table(rows)
        yield gathered

    def _row(self, row: Element, above: list[str], gathered: Block) -> list[str]:
        cells: list[str] = []
        for cell in row:
            if local_name(cell) not in ("table-cell", "covered-table-cell"):
                continue
            text = self._cell(cell, gathered)
            if (
                local_name(cell) == "covered-table-cell"
                and not text
                and len(above) > len(cells)
                and not _is_beside(cell)
            ):
                text = above[len(cells)]
            cells += [text] * min(int(attribute(cell, "number-columns-repeated") or 1), _MAX_REPEATED)
        return cells

    def _cell(self, cell: Element, gathered: Block) -> str:
        texts = []
        for block in self._blocks(cell):
            texts += [block.text] if block.text.strip() else []
            gathered.pictures += block.pictures
            gathered.drawings += block.drawings
            gathered.notes += block.notes
        return "\n".join(texts)


def _is_beside(cell: Element) -> bool:
    """Whether a cell to the left in the same row covers this one; else the one above does."""
    distance = 1
    for before in cell.itersiblings(preceding=True):
        if local_name(before) == "table-cell":
            return int(attribute(before, "number-columns-spanned") or 1) > distance
        distance += 1
    return False


def _words(element: Element | None, name: str = "") -> str:
    if element is None:
        return ""
    parts = element.iter(f"{{*}}{name}") if name else [element]
    return without_marks(" ".join(" ".join("".join(map(str, part.itertext())).split()) for part in parts))
