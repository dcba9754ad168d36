"""What is on a slide, in reading order: titles, text, tables, charts, diagrams, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pptx.oxml.ns import qn
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.table import Table
from pptx.text.text import TextFrame

from docqa.adapters.formats.drawings import chart_table, diagram_text
from docqa.adapters.formats.xml_trees import Element, local_name, parse_xml
from docqa.domain.hidden_marks import hide, without_marks
from docqa.domain.tables import pipe_table

_INDENT = "  "
_RASTER = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/tiff", "image/webp", "image/jpg")
_NUMBERED = "buAutoNum"
# Hundredths of a point: text of one point cannot be read.
_INVISIBLE_SIZE = 100
# Shapes that stand as high as each other to an eighth of an inch are read from the left.
_LINE_EMU = 114_300
# The date and the footer of a slide stand below everything else; its number is the page's.
_FOOT = ("dt", "ftr")
_NUMBER = "sldNum"


class SlideReader:
    """Reads one slide.

    Attributes:
        pictures: Pictures as files, known when the blocks have been read.
        drawings: How many pictures are of a kind that cannot be read.
    """

    def __init__(self, slide: Slide) -> None:
        self._slide = slide
        self.pictures: list[bytes] = []
        self.drawings = 0

    def blocks(self) -> Iterator[str]:
        """The title first, then the rest from top to bottom."""
        title = self._slide.shapes.title
        if title is not None and (text := _line(title.text_frame.text)):
            yield f"# {text}"
        shapes = [shape for shape in self._slide.shapes if title is None or shape.shape_id != title.shape_id]
        yield from self._shapes(shapes)

    def _shapes(self, shapes: Iterable[BaseShape]) -> Iterator[str]:
        for shape in sorted(shapes, key=_place):
            if _placeholder(shape.element) == _NUMBER:
                continue
            hidden = _is_invisible(shape.element)
            for block in self._blocks(shape):
                yield "\n".join(hide(line) for line in block.split("\n")) if hidden else block

    def _blocks(self, shape: BaseShape) -> Iterator[str]:
        if isinstance(shape, GroupShape):
            yield from self._shapes(shape.shapes)
        elif isinstance(shape, GraphicFrame):
            yield from self._graphic(shape)
        elif isinstance(shape, Shape):
            yield _paragraphs(shape.text_frame)
        self._find_pictures(shape)

    def _graphic(self, frame: GraphicFrame) -> Iterator[str]:
        if frame.has_table:
            yield _table(frame.table)
        elif frame.has_chart:
            yield chart_table(parse_xml(frame.chart_part.blob))
        elif diagram := frame.element.find(".//{*}relIds"):
            part = self._slide.part.related_part(str(diagram.get(qn("r:dm"))))
            yield diagram_text(parse_xml(part.blob))

    def _find_pictures(self, shape: BaseShape) -> None:
        if isinstance(shape, GroupShape):
            return
        for blip in shape.element.iter(qn("a:blip")):
            relationship = self._slide.part.rels.get(blip.get(qn("r:embed"), ""))
            if relationship is None or relationship.is_external:
                self.drawings += 1
            elif relationship.target_part.content_type in _RASTER:
                self.pictures.append(relationship.target_part.blob)
            else:
                self.drawings += 1


def _paragraphs(frame: TextFrame) -> str:
    lines: list[str] = []
    number = 0
    for paragraph in frame.paragraphs:
        text = "".join(_run(run) for run in paragraph._p if local_name(run) in ("r", "br", "fld"))  # noqa: SLF001 - its text alone does not tell what is hidden
        if not text.strip():
            continue
        properties = paragraph._p.pPr  # noqa: SLF001 - python-pptx has no API for bullets
        numbered = properties is not None and properties.find(qn(f"a:{_NUMBERED}")) is not None
        number = number + 1 if numbered else 0
        bullet = properties is not None and properties.find(qn("a:buChar")) is not None
        mark = f"{number}. " if numbered else "- " if bullet or paragraph.level else ""
        lines.append(f"{_INDENT * paragraph.level}{mark}{text.strip()}")
    return "\n".join(lines)


def _run(run: Element) -> str:
    if local_name(run) == "br":
        return "\n"
    text = without_marks("".join(one.text or "" for one in run.iter(qn("a:t")))).replace("\v", "\n")
    properties = run.find(qn("a:rPr"))
    size = "" if properties is None else str(properties.get("sz", ""))
    return hide(text) if size.isdecimal() and int(size) <= _INVISIBLE_SIZE else text


def _table(table: Table) -> str:
    rows: list[list[str]] = []
    for row in table.rows:
        cells: list[str] = []
        for cell in row.cells:
            above = rows[-1] if rows else []
            lower_part = cell.is_spanned and cell._tc.vMerge and len(above) > len(cells)  # noqa: SLF001 - no API
            cells.append(above[len(cells)] if lower_part else without_marks(cell.text_frame.text))
        rows.append(cells)
    return pipe_table(rows)


def _place(shape: BaseShape) -> tuple[bool, int, int]:
    """Shapes without a place of their own have their layout's, which is above what was added."""
    return (_placeholder(shape.element) in _FOOT, (shape.top or 0) // _LINE_EMU, shape.left or 0)


def _placeholder(element: Element) -> str:
    placeholder = element.find(f".//{qn('p:nvPr')}/{qn('p:ph')}")
    return "" if placeholder is None else str(placeholder.get("type", ""))


def _is_invisible(element: Element) -> bool:
    properties = element.find(f".//{qn('p:cNvPr')}")
    return properties is not None and properties.get("hidden") in ("1", "true")


def _line(text: str) -> str:
    return " ".join(without_marks(text).split())
