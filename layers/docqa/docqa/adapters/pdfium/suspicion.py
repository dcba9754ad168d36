"""Which characters may be ones that a reader of the page does not see.

Looking at each of some thousand characters would take longer than reading them. So every twelfth is looked at, which
meets any hidden phrase; only where one of these is suspicious are all of them.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

import pypdfium2.raw as pdfium

from docqa.adapters.pdfium import native
from docqa.adapters.pdfium.drawing import Area, Color, Drawing
from docqa.adapters.pdfium.geometry import Box
from docqa.adapters.pdfium.layer import TextLayer

# Short pages are looked at more closely.
_LONGEST_STEP = 12
_LEAST_SAMPLES = 100
# All channels above: it may be as pale as the paper.
_PALE = 190
_OPAQUE = 230
_SAME_COLOR = 48
# Points; the smallest print in use has 4. Pages that are small themselves may have smaller text.
_TINY = 2.0
_TINY_SHARE = 1 / 400
# Glyphs by areas. Maps and patterns have thousands of areas: looking at the page's picture is quicker then.
_MOST_COMPARED = 4_000_000
_INVISIBLE_MODES = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})


class Kind(StrEnum):
    """Why a character is suspicious."""

    TINY = "tiny"
    OUTSIDE = "off the page"
    INVISIBLE = "drawn invisibly"
    FAINT = "pale or transparent"
    COVERED = "under something drawn later"
    ON_PICTURE = "on a picture"
    SAME_COLOR = "in the colour of its ground"


class Suspect(NamedTuple):
    """Why a character is suspicious, and what draws it in which colour."""

    kind: Kind
    color: Color
    owner: int


class Glyph(NamedTuple):
    """A character, the cell it stands in, the middle of that, and what draws it in which colour."""

    place: int
    box: Box
    x: float
    y: float
    owner: int
    color: Color


class Detective:
    """Looks at the characters of one page."""

    def __init__(self, layer: TextLayer, drawing: Drawing, page: Box) -> None:
        self._layer = layer
        self._drawing = drawing
        self._page = page
        self._tiny = min(_TINY, max(page.width, page.height) * _TINY_SHARE)
        self._styles: dict[int, _Style] = {}

    def suspects(self) -> dict[int, Suspect]:
        """Every suspicious character of the page by its place."""
        step = min(max(self._layer.count // _LEAST_SAMPLES, 1), _LONGEST_STEP)
        # The last one too: what is added to a page is added at its end.
        found = self._look({*range(0, self._layer.count, step), len(self._layer.text.rstrip()) - 1} - {-1})
        return self._look(range(self._layer.count)) if found and step > 1 else found

    def _look(self, places: Iterable[int]) -> dict[int, Suspect]:
        found: dict[int, Suspect] = {}
        plain: list[Glyph] = []
        layer, text, styles = self._layer, self._layer.text, self._styles
        crowded = self._drawing.pictures or self._drawing.fills
        for place in places:
            owner = layer.owner(place)
            if not owner or text[place].isspace():
                continue
            style = styles.get(owner)
            if style is None:
                style = styles[owner] = _style(owner)
            box = layer.box(place)
            kind = self._size_or_place(place, box) or style.kind
            if kind:
                found[place] = Suspect(kind, style.color, owner)
            elif crowded:
                plain.append(Glyph(place, box, *box.middle, owner, style.color))
        found.update(on_or_under(plain, self._drawing))
        return found

    def _size_or_place(self, place: int, box: Box) -> Kind | None:
        left, bottom, right, top = box
        if top - bottom < self._tiny and right - left < self._tiny:
            ink = self._layer.ink_box(place)
            # A font may state a size that its glyphs don't have.
            if max(ink.height, ink.width) < self._tiny:
                return Kind.TINY
        return Kind.OUTSIDE if box.apart(self._page) else None


_numbers = (ctypes.c_uint * 4)()
_number = [ctypes.addressof(_numbers) + 4 * place for place in range(4)]


class _Style(NamedTuple):
    color: Color
    kind: Kind | None


def _style(owner: int) -> _Style:
    mode = native.get_render_mode(owner)
    known = native.get_fill_color(owner, *_number)
    red, green, blue, alpha = _numbers
    kind = None
    if mode in _INVISIBLE_MODES:
        kind = Kind.INVISIBLE
    # Outlined letters have another colour, patterns have none: whether they can be seen only the picture tells.
    elif not known or mode != pdfium.FPDF_TEXTRENDERMODE_FILL or alpha < _OPAQUE or min(red, green, blue) > _PALE:
        kind = Kind.FAINT
    return _Style((red, green, blue), kind)


def on_or_under(glyphs: Sequence[Glyph], drawing: Drawing) -> dict[int, Suspect]:
    """Those of the glyphs that a picture or a filled shape may hide."""
    if not glyphs:
        return {}
    stack = _Stack(glyphs, drawing)
    found: dict[int, Suspect] = {}
    compared = 0
    for area in (*drawing.pictures, *drawing.fills):
        under, on = stack.under(area), stack.on(area)
        found.update(_within(area, under, Kind.COVERED))
        found.update(_within(area, on, Kind.ON_PICTURE if area.color is None else Kind.SAME_COLOR))
        compared += len(under) + len(on)
        if compared > _MOST_COMPARED:
            return {glyph.place: Suspect(Kind.COVERED, glyph.color, glyph.owner) for glyph in glyphs}
    return found


class _Stack:
    """Glyphs in the order in which they are drawn."""

    def __init__(self, glyphs: Sequence[Glyph], drawing: Drawing) -> None:
        orders = drawing.orders({glyph.owner for glyph in glyphs})
        self._glyphs = sorted(glyphs, key=lambda glyph: orders[glyph.owner])
        self._places = [orders[glyph.owner] for glyph in self._glyphs]
        lefts, bottoms, rights, tops = zip(*(glyph.box for glyph in self._glyphs), strict=True)
        # How far the first, the first two, the first three ... of them reach.
        self._reach = [
            list(accumulate(side, extreme))
            for side, extreme in ((lefts, min), (bottoms, min), (rights, max), (tops, max))
        ]
        colors = {glyph.color for glyph in glyphs}
        grounds = {area.color for area in drawing.fills}
        self._near = {ground: {one for one in colors if _is_near(one, ground)} for ground in grounds if ground}

    def under(self, area: Area) -> list[Glyph]:
        """Glyphs drawn before the area, if any of them reach it."""
        last = bisect_left(self._places, area.order)
        if not last or Box(*(side[last - 1] for side in self._reach)).apart(area.box):
            return []
        return self._glyphs[:last]

    def on(self, area: Area) -> list[Glyph]:
        """Glyphs drawn after the area, in a colour that may be lost on it."""
        first = bisect_left(self._places, area.order)
        if area.color is None:
            return self._glyphs[first:]
        near = self._near[area.color]
        return [glyph for glyph in self._glyphs[first:] if glyph.color in near] if near else []


def _within(area: Area, glyphs: Sequence[Glyph], kind: Kind) -> Iterator[tuple[int, Suspect]]:
    left, bottom, right, top = area.box
    for glyph in glyphs:
        if left <= glyph.x <= right and bottom <= glyph.y <= top:
            yield glyph.place, Suspect(kind, glyph.color, glyph.owner)


def _is_near(one: Color, other: Color) -> bool:
    return all(abs(first - second) < _SAME_COLOR for first, second in zip(one, other, strict=True))
