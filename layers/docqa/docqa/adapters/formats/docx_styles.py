"""What Word's styles say of a paragraph or a run: heading, list, hidden, on a new page."""

from __future__ import annotations

import re
from functools import lru_cache

from docx.document import Document
from docx.oxml.ns import qn

from docqa.adapters.formats.xml_trees import Element

_HEADING = re.compile(r"^heading ([1-9])$", re.IGNORECASE)
_MAX_LEVEL = 6
_BODY_TEXT = 9
_OFF = ("0", "false", "off", "none")
# Styles that are based on each other in a circle are a trap.
_MAX_ANCESTORS = 20
# Half points: text of one point cannot be read.
_INVISIBLE_SIZE = 2
_WHITE = "FFFFFF"


class Styles:
    """The styles of a document, with what they inherit."""

    def __init__(self, document: Document) -> None:
        elements = document.styles.element.iter(qn("w:style"))
        self._styles: dict[str, Element] = {style.get(qn("w:styleId"), ""): style for style in elements}
        self._found = lru_cache(maxsize=None)(self._find)

    def heading_level(self, paragraph: Element) -> int:
        """1 to 6; 0 for a paragraph that is no heading."""
        properties = paragraph.find(qn("w:pPr"))
        style = _value(properties, "w:pStyle")
        for name in self._names(style):
            if found := _HEADING.match(name):
                return min(int(found[1]), _MAX_LEVEL)
            if name.lower() == "title":
                return 1
        outline = _value(properties, "w:outlineLvl") or self._found(style, "w:pPr", "w:outlineLvl")
        level = int(outline) if outline.isdecimal() else _BODY_TEXT
        return min(level + 1, _MAX_LEVEL) if level < _BODY_TEXT else 0

    def list_level(self, paragraph: Element) -> tuple[str, int]:
        """Id of the list that the paragraph belongs to, and its depth from 0; an empty id when it is in none."""
        properties = paragraph.find(qn("w:pPr"))
        own = properties.find(qn("w:numPr")) if properties is not None else None
        style = _value(properties, "w:pStyle")
        list_id = _value(own, "w:numId") or self._found(style, "w:pPr", "w:numPr/w:numId")
        depth = _value(own, "w:ilvl") or self._found(style, "w:pPr", "w:numPr/w:ilvl")
        return ("" if list_id == "0" else list_id), int(depth) if depth.isdecimal() else 0

    def breaks_before(self, properties: Element | None) -> bool:
        """Whether the paragraph begins a page."""
        own = None if properties is None else properties.find(qn("w:pageBreakBefore"))
        if own is not None:
            return _is_on(own)
        return self._found(_value(properties, "w:pStyle"), "w:pPr", "w:pageBreakBefore") not in ("", *_OFF)

    def hides(self, run: Element) -> bool:
        """Whether nobody sees the run: marked as hidden, white on white, or of no size."""
        properties = run.find(qn("w:rPr"))
        if properties is None:
            return False
        vanish = properties.find(qn("w:vanish"))
        if vanish is not None:
            return _is_on(vanish)
        if self._found(_value(properties, "w:rStyle"), "w:rPr", "w:vanish") not in ("", *_OFF):
            return True
        size = _value(properties, "w:sz")
        if size.isdecimal() and int(size) <= _INVISIBLE_SIZE:
            return True
        return _value(properties, "w:color").upper() == _WHITE and not _has_ground(run)

    def _names(self, style: str) -> list[str]:
        return [_value(element, "w:name") for element in self._ancestors(style)]

    def _find(self, style: str, part: str, path: str) -> str:
        """A property's value, of the style or of those that it is based on; `on` for one without a value."""
        steps = "/".join(qn(step) for step in path.split("/"))
        for element in self._ancestors(style):
            found = element.find(f"{qn(part)}/{steps}")
            if found is not None:
                return str(found.get(qn("w:val"), "on"))
        return ""

    def _ancestors(self, style: str) -> list[Element]:
        found: list[Element] = []
        while style in self._styles and len(found) < _MAX_ANCESTORS:
            found.append(self._styles[style])
            style = _value(found[-1], "w:basedOn")
        return found


def _has_ground(run: Element) -> bool:
    """Whether something coloured may lie behind the run: shading, a shape, a table with a look of its own."""
    for element in (run, *run.iterancestors()):
        name = element.tag.rpartition("}")[2]
        if name in ("txbxContent", "background"):
            return True
        properties = element.find(qn(f"w:{name}Pr")) if name in ("r", "p", "tc", "tbl") else None
        if properties is None:
            continue
        if properties.find(qn("w:highlight")) is not None or properties.find(qn("w:tblStyle")) is not None:
            return True
        shading = properties.find(qn("w:shd"))
        if shading is not None and shading.get(qn("w:fill"), "auto").upper() not in ("AUTO", _WHITE):
            return True
    return False


def _value(parent: Element | None, name: str) -> str:
    child = None if parent is None else parent.find(qn(name))
    return "" if child is None else str(child.get(qn("w:val"), ""))


def _is_on(element: Element) -> bool:
    return element.get(qn("w:val"), "on") not in _OFF
