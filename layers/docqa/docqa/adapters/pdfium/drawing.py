"""What is drawn on a page besides its text: pictures, filled areas, outlines, and in which order."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count, repeat
from typing import NamedTuple

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
        if kinds.count(pdfium.FPDF_PAGEOBJ_TEXT) < len(kinds):
            for place, kind in enumerate(kinds):
                if kind != pdfium.FPDF_PAGEOBJ_TEXT:
                    self._add(objects[place], kind, (*above, place), matrix)

    def _add(self, drawn: int, kind: int, order: Order, matrix: Matrix) -> None:
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            self.pictures.append(Area(order, matrix.box(_memory.box(drawn)), None))
            self.pixels += _memory.pixels(drawn)
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            self.paths += 1
            self._add_fill(drawn, order, matrix)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and len(order) <= _FORM_DEPTH:
            inside = _objects(native.get_form_object, drawn, native.count_form_objects(drawn))
            self.add(inside, order, matrix.after(_memory.matrix(drawn)))

    def _add_fill(self, path: int, order: Order, matrix: Matrix) -> None:
        left, bottom, right, top = box = matrix.box(_memory.box(path))
        if right - left >= _LEAST_WIDTH and top - bottom >= _LEAST_HEIGHT and _memory.is_filled(path):
            red, green, blue, alpha = _memory.color(path)
            if alpha >= _OPAQUE_ALPHA:
                self.fills.append(Area(order, box, (red, green, blue)))


def look_at(page: pypdfium2.PdfPage) -> Drawing:
    """Everything drawn on the page, what lies in forms included."""
    drawing = Drawing()
    handle = native.handle(page)
    drawing.add(_objects(native.get_object, handle, native.count_objects(handle)), (), IDENTITY)
    return drawing


def _is_text(drawn: int) -> bool:
    return bool(native.get_type(drawn) == pdfium.FPDF_PAGEOBJ_TEXT)


def _objects(get: Callable[..., int], parent: int, count: int) -> list[int]:
    return list(map(get, repeat(parent), range(count)))


class _Memory:
    """Where PDFium writes what it answers."""

    def __init__(self) -> None:
        self._floats = (ctypes.c_float * 6)()
        self._numbers = (ctypes.c_uint * 4)()
        self._float = [ctypes.addressof(self._floats) + 4 * place for place in range(6)]
        self._number = [ctypes.addressof(self._numbers) + 4 * place for place in range(4)]

    def box(self, drawn: int) -> Box:
        native.get_bounds(drawn, *self._float[:4])
        return Box(*self._floats[:4])

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
