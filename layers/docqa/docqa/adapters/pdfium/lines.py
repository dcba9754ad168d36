"""Lines of a text layer, and where they stand on the page as it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter

import pypdfium2

from docqa.adapters.pdfium.geometry import Box
from docqa.adapters.pdfium.layer import TextLayer
from docqa.domain.repeated_lines import PageLines, PlacedLine

Span = tuple[int, int]
# Pieces of a text that are read as one line.
Row = list[Span]

LINE = re.compile(r"\S[^\r\n]*(?<=\S)")
# Letters of headlines are larger: a title that several slides share is none of the page's furniture.
_LARGEST = 16.0


def placed_lines(page: pypdfium2.PdfPage, layer: TextLayer, box: Box, number: int) -> PageLines:
    """Every line of ordinary size with its place."""
    upright = page.get_rotation() % 180 == 0
    across, along = max(box.width, 1.0), max(box.height, 1.0)
    lines = []
    for match in LINE.finditer(layer.text):
        cell = layer.box(match.start())
        x, y = cell.middle
        middle = 1 - (y - box.bottom) / along if upright else (x - box.left) / across
        size = cell.height if upright else cell.width
        if size <= _LARGEST and 0 < middle < 1:
            lines.append(
                PlacedLine(*match.span(), " ".join(match[0].split()), middle, size / (along if upright else across))
            )
    return PageLines(number, tuple(sorted(lines, key=attrgetter("middle"))))


def without_lines(rows: Iterable[Row], lines: Iterable[PlacedLine]) -> Iterator[Row]:
    """The rows of a text, without the lines."""
    cuts = sorted((line.first, line.last) for line in lines)
    for row in rows:
        yield [piece for span in row for piece in _without(span, cuts)]


def _without(span: Span, cuts: Iterable[Span]) -> Iterator[Span]:
    at, end = span
    for first, last in cuts:
        if first < end and at < last:
            yield at, first
            at = last
    yield at, max(at, end)
