"""Two columns of prose that a file draws line by line across both, put into the order in which they are read.

PDFium takes text in the order in which it is drawn: columns that are drawn one after the other come out right, and so
do tables, which are read in rows. Only where every line goes on in the other column has the order to be mended. Such
lines have a gap at one place of the page, and on both sides of it begin in the middle of sentences, as the cells of a
table do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from docqa.adapters.pdfium.layer import TextLayer
from docqa.adapters.pdfium.lines import LINE, Row, Span

_SPACE = re.compile(r"(?<=\S)[ \t\u00a0]+(?=\S)")
# Two columns of the narrowest print make no shorter line.
_LONG = 60
# Points; spaces of justified lines are narrower, gutters wider.
_GUTTER = 9.0
_SIDE_LETTERS = 15
# Long lines that are looked at before a page is taken to have one column.
_PROBE = 3
_PROBE_SPLIT = 2
_LEAST_LINES = 6
_SPLIT_SHARE = 0.6
# Lines of prose that begin with a small letter: 60 to 90 %; cells of tables: 0 to 20 %.
_CONTINUED = 0.4


class _Gap(NamedTuple):
    """A line and the gap in it: the places before and after, and where these stand."""

    line: Span
    before: int
    after: int
    left: float
    right: float


def reading_order(layer: TextLayer) -> list[Row]:
    """The text in rows as they are read; a single one where it is right as it is."""
    whole = [[(0, len(layer.text))]]
    lines = [match.span() for match in LINE.finditer(layer.text)]
    long = [line for line in lines if line[1] - line[0] >= _LONG]
    if len(long) < _LEAST_LINES or layer.turned:
        return whole
    probe = [
        gap
        for line in long[len(long) // _PROBE // 2 :: len(long) // _PROBE][:_PROBE]
        if (gap := _widest_gap(layer, line))
    ]
    if len(probe) < _PROBE_SPLIT:
        return whole
    gutter = median((gap.left + gap.right) / 2 for gap in probe)
    split = [gap for line in long if (gap := _gap_at(layer, line, gutter)) and _has_two_sides(layer.text, gap)]
    if len(split) < max(_LEAST_LINES, _SPLIT_SHARE * len(long)) or not _is_prose(layer.text, split):
        return whole
    return [[span] for span in _by_column(layer, lines, gutter)]


def _gaps(layer: TextLayer, line: Span) -> Iterator[_Gap]:
    first, last = line
    for match in _SPACE.finditer(layer.text, first + 1, last - 1):
        before, after = match.span()
        yield _Gap(line, before, after, layer.box(before - 1).right, layer.box(after).left)


def _widest_gap(layer: TextLayer, line: Span) -> _Gap | None:
    within = (line[0] + _SIDE_LETTERS, line[1] - _SIDE_LETTERS)
    wide = [gap for gap in _gaps(layer, within) if gap.right - gap.left >= _GUTTER]
    return max(wide, key=lambda gap: gap.right - gap.left, default=None)


def _gap_at(layer: TextLayer, line: Span, gutter: float) -> _Gap | None:
    return next((gap for gap in _gaps(layer, line) if gap.left <= gutter <= gap.right), None)


def _has_two_sides(text: str, gap: _Gap) -> bool:
    sides = text[gap.line[0] : gap.before], text[gap.after : gap.line[1]]
    return all(sum(map(str.isalpha, side)) >= _SIDE_LETTERS for side in sides)


def _is_prose(text: str, gaps: Sequence[_Gap]) -> bool:
    starts = [gap.line[0] for gap in gaps], [gap.after for gap in gaps]
    return all(sum(text[start].islower() for start in side) >= _CONTINUED * len(side) for side in starts)


def _by_column(layer: TextLayer, lines: Sequence[Span], gutter: float) -> Iterator[Span]:
    """Left parts before right parts, from one line across both columns to the next."""
    right: list[Span] = []
    for line in lines:
        if gap := _gap_at(layer, line, gutter):
            yield line[0], gap.before
            right.append((gap.after, line[1]))
        elif layer.box(line[0]).left > gutter:
            right.append(line)
        elif layer.box(line[1] - 1).right < gutter:
            yield line
        else:
            yield from right
            yield line
            right = []
    yield from right
