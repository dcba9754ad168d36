"""What is drawn on a page besides its text: pictures, filled areas, outlines, and in which order."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import count, repeat
from struct import Struct
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from docqa.adapters.pdfium import native
from docqa.adapters.pdfium.geometry import IDENTITY, Box, Matrix

# Pictures lie in forms in forms; real files need two or three levels.
_FORM_DEPTH = 4
# Thinner ones are rules and underlines: no word fits under them.
_LEAST_HEIGHT = 3.0
_LEAST_WIDTH = 6.0
# Of 255: through anything thinner black text is still seen.
_OPAQUE_ALPHA = 200

Color = tuple[int, int, int]
# Place of an object on the page, then within the form that it lies in, and so on; compares as it is drawn.
Order = tuple[int, ...]


class Area(NamedTuple):
    """A picture or a filled shape.

    Attributes:
        order: Its place in the order of drawing.
        color: Of a filled shape; None for a picture, which has many.
    """

    order: Order
    box: Box
    color: Color | None


@dataclass(slots=True)
class Drawing:
    """What a page shows besides text.

    Attributes:
        pictures: Bitmaps.
        fills: Shapes filled with one colour, large enough to hold a word.
        paths: How many outlines are drawn.
        pixels: Of all bitmaps together.
    """

    pictures: list[Area] = field(default_factory=list)
    fills: list[Area] = field(default_factory=list)
    paths: int = 0
    pixels: int = 0
    _lists: list[tuple[Order, list[int]]] = field(default_factory=list)

    def cover(self, page: Box) -> float:
        """Area of all pictures over the area of the page."""
        return sum(one.box.clipped(page).area for one in self.pictures) / max(page.area, 1.0)

    def orders(self, wanted: Iterable[int]) -> dict[int, Order]:
        """Places of some objects in the order of drawing, by their handles; what is not found comes first."""
        found: dict[int, Order] = dict.fromkeys(wanted, ())
        for above, objects in self._lists:
            places = dict(zip(objects, count(), strict=False))
            found.update((drawn, (*above, places[drawn])) for drawn in found.keys() & places.keys())
        return found

    def texts(self) -> list[int]:
        """Handles of every object that is text."""
        return [drawn for _, objects in self._lists for drawn in objects if _is_text(drawn)]

    def add(self, objects: list[int], above: Order, matrix: Matrix) -> None:
        """Look at the objects of a page or of a form, drawn through `matrix`."""
        self._lists.append((above, objects))
        kinds = list(map(native.get_type, objects))
        paths = kinds.count(pdfium.FPDF_PAGEOBJ_PATH)
        self.paths += paths
        if paths:
            self._add_fills(objects, kinds, above, matrix)
        if kinds.count(pdfium.FPDF_PAGEOBJ_TEXT) + paths < len(kinds):
            for place, kind in enumerate(kinds):
                if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                    self.pictures.append(Area((*above, place), matrix.box(_memory.box(objects[place])), None))
                    self.pixels += _memory.pixels(objects[place])
                elif kind == pdfium.FPDF_PAGEOBJ_FORM and len(above) < _FORM_DEPTH:
                    self._add_form(objects[place], (*above, place), matrix)

    def _add_form(self, form: int, order: Order, matrix: Matrix) -> None:
        inside = _objects(native.get_form_object, form, native.count_form_objects(form))
        self.add(inside, order, matrix.after(_memory.matrix(form)))

    def _add_fills(self, objects: list[int], kinds: list[int], above: Order, matrix: Matrix) -> None:
        """Those of the paths that may lie under or over a word. Most are rules: one look has to be enough for these."""
        path, get_bounds, pointers, bounds = pdfium.FPDF_PAGEOBJ_PATH, native.get_bounds, *_memory.for_bounds
        upright = matrix is IDENTITY
        for place, kind in enumerate(kinds):
            if kind != path:
                continue
            drawn = objects[place]
            get_bounds(drawn, *pointers)
            box = bounds()
            left, bottom, right, top = box if upright else matrix.box(Box(*box))
            if right - left >= _LEAST_WIDTH and top - bottom >= _LEAST_HEIGHT and _memory.is_filled(drawn):
                red, green, blue, alpha = _memory.color(drawn)
                if alpha >= _OPAQUE_ALPHA:
                    self.fills.append(Area((*above, place), Box(left, bottom, right, top), (red, green, blue)))


def look_at(page: pypdfium2.PdfPage) -> Drawing:
    """Everything drawn on the page, what lies in forms included."""
    drawing = Drawing()
    handle = native.handle(page)
    drawing.add(_objects(native.get_object, handle, native.count_objects(handle)), (), IDENTITY)
    return drawing


def _is_text(drawn: int) -> bool:
    return bool(native.get_type(drawn) == pdfium.FPDF_PAGEOBJ_TEXT)


def _objects(get: Callable[..., int], parent: Any, count: int) -> list[int]:
    return list(map(get, repeat(parent), range(count)))


class _Memory:
    """Where PDFium writes what it answers."""

    def __init__(self) -> None:
        self._floats = (ctypes.c_float * 6)()
        self._numbers = (ctypes.c_uint * 4)()
        self._float = [ctypes.addressof(self._floats) + 4 * place for place in range(6)]
        self._number = [ctypes.addressof(self._numbers) + 4 * place for place in range(4)]
        # Where bounds are written, and what reads them: for loops over thousands of objects.
        self.for_bounds = (tuple(self._float[:4]), partial(Struct("4f").unpack_from, self._floats))

    def box(self, drawn: int) -> Box:
        pointers, bounds = self.for_bounds
        native.get_bounds(drawn, *pointers)
        return Box(*bounds())

    def matrix(self, drawn: int) -> Matrix:
        native.get_matrix(drawn, self._float[0])
        return Matrix(*self._floats)

    def color(self, drawn: int) -> tuple[int, int, int, int]:
        native.get_fill_color(drawn, *self._number)
        red, green, blue, alpha = self._numbers
        return red, green, blue, alpha

    def is_filled(self, path: int) -> bool:
        native.get_draw_mode(path, self._number[0], self._number[1])
        return bool(self._numbers[0] != pdfium.FPDF_FILLMODE_NONE)

    def pixels(self, picture: int) -> int:
        if not native.get_pixel_size(picture, self._number[0], self._number[1]):
            return 0
        return int(self._numbers[0] * self._numbers[1])


_memory = _Memory()
