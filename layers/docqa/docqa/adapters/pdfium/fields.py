"""What was filled into a form, read where it stands: behind its label, not at the end of the page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from docqa.adapters.pdfium.geometry import Box
from docqa.adapters.pdfium.layer import TextLayer
from docqa.adapters.pdfium.lines import LINE, Row, Span

_WORD = re.compile(r"\S+")
# In heights of a line; words of one field are a third of it apart.
_CLOSE = 0.8


class _Placed(NamedTuple):
    """A piece of the text, and where it stands."""

    span: Span
    box: Box


def with_fields(layer: TextLayer, own: int) -> list[Row]:
    """The text in rows as they are read, where all beyond the first `own` characters was put onto the page later."""
    lines = [_words(layer, *match.span()) for match in LINE.finditer(layer.text, 0, own)]
    beside: dict[int, list[_Placed]] = defaultdict(list)
    alone: list[Row] = []
    for match in LINE.finditer(layer.text, own):
        for value in _values(_words(layer, *match.span())):
            line = _line_of(value, lines)
            if line is None:
                alone.append([value.span])
            else:
                beside[line].append(value)
    return [*(_row(line, beside[place]) for place, line in enumerate(lines)), *alone]


def _values(words: Sequence[_Placed]) -> list[_Placed]:
    """Words that stand close together are of one field."""
    values = list(words[:1])
    for word in words[1:]:
        last = values[-1]
        gap = word.box.left - last.box.right
        if last.box.bottom <= word.box.middle[1] <= last.box.top and 0 <= gap <= _CLOSE * word.box.height:
            values[-1] = _Placed((last.span[0], word.span[1]), last.box.joined(word.box))
        else:
            values.append(word)
    return values


def _words(layer: TextLayer, first: int, last: int) -> list[_Placed]:
    words = []
    for match in _WORD.finditer(layer.text, first, last):
        start, end = match.span()
        words.append(_Placed((start, end), layer.box(start).joined(layer.box(end - 1))))
    return words


def _line_of(value: _Placed, lines: Sequence[Sequence[_Placed]]) -> int | None:
    """The line that has the value in a gap or at its end: of several at one height the last that begins before it."""
    _, height = value.box.middle
    level = [
        place
        for place, line in enumerate(lines)
        if line[0].box.left < value.box.left
        and any(word.box.bottom <= height <= word.box.top for word in line)
        and all(word.box.apart(value.box) for word in line)
    ]
    return max(level, key=lambda place: lines[place][0].box.left, default=None)


def _row(line: Sequence[_Placed], values: Sequence[_Placed]) -> Row:
    if not values:
        return [(line[0].span[0], line[-1].span[1])]
    return [placed.span for placed in sorted([*line, *values], key=lambda placed: placed.box.left)]
