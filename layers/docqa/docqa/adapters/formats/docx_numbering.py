"""The numbers in front of Word's paragraphs: they are not in the text, but contracts are quoted by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from docx.document import Document
from docx.oxml.ns import qn
from lxml import etree

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_LETTERS = 26
_ROMAN_MAX = 3_999


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def _letter(number: int) -> str:
    """A to z, then aa, bb: as Word counts."""
    return chr(ord("a") + (number - 1) % _LETTERS) * ((number - 1) // _LETTERS + 1)


_SHOWN: Mapping[str, Callable[[int], str]] = {
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerRoman": lambda number: _roman(min(number, _ROMAN_MAX)),
    "upperRoman": lambda number: _roman(min(number, _ROMAN_MAX)).upper(),
    "decimalZero": lambda number: f"{number:02d}",
}


@dataclass(frozen=True, slots=True)
class _Level:
    kind: str
    text: str
    start: int


class Numbering:
    """Counts paragraphs as Word does when it shows them."""

    def __init__(self, document: Document) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, str] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        for abstract in root.iter(qn("w:abstractNum")):
            levels = {int(level.get(qn("w:ilvl"), "0")): _level(level) for level in abstract.iter(qn("w:lvl"))}
            self._levels[abstract.get(qn("w:abstractNumId"), "")] = levels
        for number in root.iter(qn("w:num")):
            self._lists[number.get(qn("w:numId"), "")] = _value(number, "w:abstractNumId")

    def mark(self, list_id: str, level: int) -> str:
        """What stands in front of the next paragraph of a list; `-` for bullets, empty when it is no list."""
        abstract = self._lists.get(list_id, "")
        levels = self._levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self._counts[abstract]
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if levels[level].kind == "bullet":
            return "-"
        return "" if levels[level].kind == "none" else _shown(levels, counts, level)


def _shown(levels: Mapping[int, _Level], counts: Mapping[int, int], level: int) -> str:
    text = levels[level].text
    for above in range(level + 1):
        if above in levels:
            number = counts.get(above, levels[above].start)
            text = text.replace(f"%{above + 1}", _SHOWN.get(levels[above].kind, str)(max(number, 1)))
    return text.strip()


def _level(element: etree._Element) -> _Level:
    start = _value(element, "w:start")
    return _Level(
        kind=_value(element, "w:numFmt") or "decimal",
        text=_value(element, "w:lvlText"),
        start=int(start) if start.isdecimal() else 1,
    )


def _value(element: etree._Element, name: str) -> str:
    child = element.find(qn(name))
    return "" if child is None else child.get(qn("w:val"), "")
