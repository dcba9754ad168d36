"""The order in which a reader takes the lines of a page, where the response does not say it.

Textract returns lines from top to bottom, so that the columns of a page come interleaved. Lines are put back into
columns where there is a gutter with prose on both sides, or with lines that do not stand in rows; cells of a table and
entries of a form stand in rows, and stay there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from docqa.adapters.textract.blocks import Line

# Of the page's width. Textract's own two-column samples have 0.06; below this a gap is the space between two words.
_GUTTER = 0.012
# Fewer lines side by side are a heading with its date, not columns.
_FEWEST_LINES = 3
_ENOUGH_LINES = 5
# Words a line, on average: prose has five and more in the narrowest columns of a page, cells one to three.
_PROSE_WORDS = 3.5
# Of one side's lines: those of a table or a form nearly all have a neighbour in their row. On a receipt some goods have
# no price beside them, but each price has its goods.
_ROWS_SHARE = 0.4
# Columns in columns in columns: more levels are noise.
_DEPTH = 4
# Between two lines, in heights of the upper one: within a paragraph it is 0.2 to 0.5.
_PARAGRAPH_GAP = 0.9

Paragraph = list[Line]


@dataclass(frozen=True, slots=True)
class _Band:
    """Lines between two that cross the gutter; what crosses is a band of its own, without a right side."""

    left: list[Line]
    right: list[Line]

    @property
    def is_columns(self) -> bool:
        """Whether the two sides are read one after the other."""
        few = min(len(self.left), len(self.right))
        if few < _FEWEST_LINES:
            return False
        if min(line.box.left for line in self.right) - max(line.box.right for line in self.left) < _GUTTER:
            return False
        if all(map(_is_prose, (self.left, self.right))):
            return True
        # Of few lines one in a row is enough: a stamp beside a total and a heading below it are three.
        most = _ROWS_SHARE if few >= _ENOUGH_LINES else 0.0
        return _share_in_rows(self.left, self.right) <= most and _share_in_rows(self.right, self.left) <= most


def paragraphs(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """The lines as a reader takes them, grouped where print leaves a gap or a column begins.

    Lines that run in another direction than the page come last.
    """
    for segment in _segments([line for line in lines if not line.is_astray], _DEPTH):
        yield from _parted(_by_rows(segment))
    if astray := [line for line in lines if line.is_astray]:
        yield astray


def rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand side by side, from left to right; the rows from top to bottom."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.box.top):
        row = next((row for row in reversed(found[-3:]) if row[0].box.shares_row(line.box)), None)
        if row is None:
            found.append([line])
        else:
            row.append(line)
    return [sorted(row, key=lambda one: one.box.left) for row in found]


def _segments(lines: list[Line], depth: int) -> Iterator[list[Line]]:
    """Runs of lines that are read row by row: the columns of a page, and what stands across them."""
    bands = _best_bands(lines) if depth and len(lines) >= 2 * _FEWEST_LINES else []
    if not bands:
        yield lines
        return
    across: list[Line] = []
    for band in bands:
        if not band.is_columns:
            across += band.left + band.right
            continue
        if across:
            yield across
            across = []
        yield from _segments(band.left, depth - 1)
        yield from _segments(band.right, depth - 1)
    if across:
        yield across


def _best_bands(lines: Sequence[Line]) -> list[_Band]:
    """The bands of the gutter that puts most lines into columns; none when there is no gutter."""
    best: list[_Band] = []
    most = 0
    for edge in sorted({round(line.box.left, 3) for line in lines}):
        bands = _bands(lines, edge - _GUTTER / 2)
        parted = sum(min(len(band.left), len(band.right)) for band in bands if band.is_columns)
        if parted > most:
            best, most = bands, parted
    return best


def _bands(lines: Sequence[Line], gutter: float) -> list[_Band]:
    bands = [_Band([], [])]
    for line in sorted(lines, key=lambda one: one.box.top):
        if line.box.right <= gutter:
            bands[-1].left.append(line)
        elif line.box.left >= gutter:
            bands[-1].right.append(line)
        else:
            bands += [_Band([line], []), _Band([], [])]
    return bands


def _is_prose(lines: Sequence[Line]) -> bool:
    return fmean(len(line.text.split()) for line in lines) >= _PROSE_WORDS


def _share_in_rows(lines: Sequence[Line], others: Sequence[Line]) -> float:
    """Of the lines of one side, how many have a neighbour on the other one at their height."""
    return fmean(any(_is_level(line, other) for other in others) for line in lines)


def _is_level(line: Line, other: Line) -> bool:
    """Whether two lines were set on one base line, rather than beside each other by chance."""
    return abs(line.box.bottom - other.box.bottom) <= min(line.box.height, other.box.height) / 3


def _by_rows(lines: Sequence[Line]) -> list[Line]:
    return [line for row in rows(lines) for line in row]


def _parted(lines: Sequence[Line]) -> Iterator[Paragraph]:
    paragraph: Paragraph = []
    for line in lines:
        if paragraph and is_apart(paragraph[-1], line):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def is_apart(above: Line, line: Line) -> bool:
    """Whether print leaves a gap between two lines, or the second one begins further up."""
    gap = line.box.top - above.box.bottom
    return gap > _PARAGRAPH_GAP * above.box.height or gap < -2 * above.box.height
