"""Words of a text layer and the gaps between them, as they stand on the page."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

from docqa.adapters.pdfium.geometry import Box
from docqa.adapters.pdfium.layer import TextLayer

# Scripts without spaces have lines that are one word: they are judged in pieces.
_WORD = re.compile(r"\S{1,12}")
_LINE_END = re.compile(r"[\r\n]")
# Of a gap, so that the edges of the letters beside it do not count.
_SHRINK = 0.25
# In heights of a line: wider ones are between columns.
_WIDEST_GAP = 3.0
_ON_ONE_LINE = 0.3


class Word(NamedTuple):
    """Places of its characters, from the first to one after the last; its box; the number of its line."""

    first: int
    last: int
    box: Box
    line: int


def words_of(layer: TextLayer, wanted: Container[int]) -> Iterator[Word]:
    """Words of which the first character is wanted, in the order of the text."""
    line, end = 0, 0
    for match in _WORD.finditer(layer.text):
        first, last = match.span()
        if _LINE_END.search(layer.text, end, first):
            line += 1
        end = last
        if first in wanted:
            boxes = [layer.ink_box(place) for place in range(first, last)]
            yield Word(first, last, reduce(Box.joined, [box for box in boxes if box.area > 0] or boxes), line)


def gaps_by_line(words: Sequence[Word], text: str) -> dict[int, list[Box]]:
    """The boxes between neighbours on a line, by line; letters and figures only, dots and signs are too small."""
    found: dict[int, list[Box]] = {}
    for one, other in pairwise(words):
        apart = one.line == other.line and one.last < other.first
        if apart and text[one.last - 1].isalnum() and text[other.first].isalnum():
            gap = _gap(one.box, other.box) or _gap(_turned(one.box), _turned(other.box), turned=True)
            if gap:
                found.setdefault(one.line, []).append(gap)
    return found


def _gap(one: Box, other: Box, turned: bool = False) -> Box | None:
    """Between two boxes that stand side by side."""
    left, right = sorted((one, other))
    height = min(left.height, right.height)
    bottom, top = max(left.bottom, right.bottom), min(left.top, right.top)
    width = right.left - left.right
    if top - bottom < _ON_ONE_LINE * height or not 0 < width < _WIDEST_GAP * max(left.height, right.height):
        return None
    gap = Box(left.right + _SHRINK * width, bottom, right.left - _SHRINK * width, top)
    return _turned(gap) if turned else gap


def _turned(box: Box) -> Box:
    return Box(box.bottom, box.left, box.top, box.right)
