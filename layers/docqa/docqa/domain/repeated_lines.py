"""Lines at the edges of page after page: running titles, page numbers, notices.

The first two pages on which one stands keep it, so that it can be found; on the pages that follow it is left out, so
that passages neither begin nor end with it. An outermost line is taken for one if two of the four pages before have it
too: in the margin, at the same height and apart from the text (the heads of a table that goes on over several pages
belong to their rows), or if all that changes is a number that counts the pages. Pages printed from the web have that
number where their text ends; at the top of a page a number that counts may also be that of a question or an exercise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Left and right pages may have their own.
PAGES_BACK = 4
# Lines at one edge of a page.
_OUTERMOST = 4
# `Exhibit 31.2` behind `Exhibit 31.1` counts no pages.
_TIMES = 2
# Of the page's height, at its upper and at its lower edge.
MARGIN = 0.09
_SAME_HEIGHT = 0.01
# Lines of one paragraph are 1.0 to 1.4 heights of a line apart, from middle to middle.
_APART = 1.6

_NUMBERS = re.compile(r"(\d{1,6})")


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of a page and where it stands.

    Attributes:
        first, last: Its span in the page's text as read.
        text: The line, spaces made one.
        middle: How far its middle is from the upper edge (on a page that is shown turned, from either edge), as a
            share of the page's height.
        height: Of its letters, as the same share.
    """

    first: int
    last: int
    text: str
    middle: float
    height: float


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page, from its upper edge on."""

    number: int
    lines: tuple[PlacedLine, ...]

    def outermost(self, downwards: bool) -> tuple[PlacedLine, ...]:
        """The first lines from the upper edge on, or from the lower one."""
        return self.lines[:_OUTERMOST] if downwards else self.lines[: -_OUTERMOST - 1 : -1]


def repeated_lines(page: PageLines, before: Sequence[PageLines]) -> tuple[PlacedLine, ...]:
    """The lines of the page to be left out, given the pages before it."""
    found = [*_from_edge(page, before, downwards=True), *_from_edge(page, before, downwards=False)]
    return tuple(found) if len(found) < len(page.lines) else ()


def _from_edge(page: PageLines, before: Sequence[PageLines], downwards: bool) -> list[PlacedLine]:
    """Repeated lines from one edge on, as far as the last that counts pages or stands apart from what follows."""
    inwards = page.lines if downwards else page.lines[::-1]
    known = [(page.number - other.number, other.outermost(downwards)) for other in before]
    certain = 0
    for place, (line, following) in enumerate(pairwise(inwards), start=1):
        in_margin = not MARGIN < line.middle < 1 - MARGIN
        apart = abs(following.middle - line.middle) >= _APART * max(line.height, following.height)
        counts = (in_margin or (apart and not downwards)) and _times(line, known, _counts) >= _TIMES
        if not counts and (not in_margin or _times(line, known, _is_same) < _TIMES):
            break
        if counts or apart:
            certain = place
    return list(inwards[:certain])


def _times(
    line: PlacedLine,
    known: Sequence[tuple[int, Sequence[PlacedLine]]],
    matches: Callable[[PlacedLine, PlacedLine, int], bool],
) -> int:
    """On how many of the pages before a line matches."""
    return sum(any(matches(line, other, pages) for other in others) for pages, others in known)


def _is_same(line: PlacedLine, other: PlacedLine, pages: int) -> bool:
    return pages > 0 and line.text == other.text and abs(line.middle - other.middle) <= _SAME_HEIGHT


def _counts(line: PlacedLine, other: PlacedLine, pages: int) -> bool:
    """Whether the texts differ in one number, by the number of pages between them."""
    parts, others = _NUMBERS.split(line.text), _NUMBERS.split(other.text)
    if len(parts) != len(others):
        return False
    different = [(one, two) for one, two in zip(parts, others, strict=True) if one != two]
    if len(different) != 1 or not all(map(str.isdecimal, different[0])):
        return False
    return int(different[0][0]) - int(different[0][1]) == pages
