"""Pictures of a page, or of a part of it, to see what a reader sees."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from docqa.adapters.pdfium import native
from docqa.adapters.pdfium.geometry import Box, Matrix

# A page at 140 dpi has 2,000,000 pixels; posters are seen from further away.
_MOST_PIXELS = 4_000_000
_WHITE = 0xFFFFFFFF
# PDFium gives whole pixels only: places are asked for in thousandths.
_FINE = 1_000


class Camera:
    """Takes pictures of one part of a page, all of the same size.

    Attributes:
        scale: Pixels a point.
    """

    def __init__(self, page: pypdfium2.PdfPage, part: Box, scale: float) -> None:
        self._page = page
        width, height = page.get_size()
        shown = _device_matrix(page, width, height).box(part)
        self.scale = min(scale, (_MOST_PIXELS / max(shown.area, 1.0)) ** 0.5)
        self._size = (max(round(width * self.scale), 1), max(round(height * self.scale), 1))
        self._left = int(shown.left * self.scale)
        self._top = int(shown.bottom * self.scale)
        self.width = max(int(shown.right * self.scale) + 1 - self._left, 1)
        self.height = max(int(shown.top * self.scale) + 1 - self._top, 1)
        self._matrix = _device_matrix(page, *self._size)

    def picture(self, gray: bool = False) -> Picture:
        """What is seen now."""
        bitmap = pypdfium2.PdfBitmap.new_native(
            self.width, self.height, pdfium.FPDFBitmap_Gray if gray else pdfium.FPDFBitmap_BGR
        )
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, self.width, self.height, _WHITE)
            pdfium.FPDF_RenderPageBitmap(bitmap, self._page, -self._left, -self._top, *self._size, 0, pdfium.FPDF_ANNOT)
            return Picture(bytes(bitmap.buffer), bitmap.stride, bitmap.n_channels)
        finally:
            bitmap.close()

    def frame(self, box: Box) -> tuple[int, int, int, int]:
        """Pixels of a box of the page: first column and row, then the ones after the last; at least one of each."""
        shown = self._matrix.box(box)
        left = min(max(int(shown.left) - self._left, 0), self.width - 1)
        top = min(max(int(shown.bottom) - self._top, 0), self.height - 1)
        right = min(max(int(shown.right + 1) - self._left, left + 1), self.width)
        bottom = min(max(int(shown.top + 1) - self._top, top + 1), self.height)
        return left, top, right, bottom


class Picture:
    """Pixels by rows."""

    def __init__(self, pixels: bytes, stride: int, channels: int) -> None:
        self.pixels = pixels
        self._stride = stride
        self._channels = channels

    def rows(self, frame: tuple[int, int, int, int]) -> Iterator[bytes]:
        """The part of each row that lies in the frame."""
        left, top, right, bottom = frame
        for row in range(top, bottom):
            start = row * self._stride
            yield self.pixels[start + left * self._channels : start + right * self._channels]

    def gray(self, width: int, height: int) -> Image.Image:
        """One of a single channel, for Pillow."""
        return Image.frombuffer("L", (width, height), self.pixels, "raw", "L", self._stride, 1)


@contextmanager
def without(owners: Iterable[int]) -> Iterator[None]:
    """Take objects off the page while pictures are taken."""
    taken = list(owners)
    for owner in taken:
        native.set_active(owner, 0)
    try:
        yield
    finally:
        for owner in taken:
            native.set_active(owner, 1)


def _device_matrix(page: pypdfium2.PdfPage, width: float, height: float) -> Matrix:
    """From the page's coordinates to pixels, downwards, of a picture of this size."""

    def place(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        size = (round(width * _FINE), round(height * _FINE))
        pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        return across.value / _FINE, down.value / _FINE

    (e, f), (x1, y1), (x2, y2) = place(0, 0), place(100, 0), place(0, 100)
    return Matrix((x1 - e) / 100, (y1 - f) / 100, (x2 - e) / 100, (y2 - f) / 100, e, f)
