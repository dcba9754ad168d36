"""The text layer of a page: its characters, what draws them, and where they stand."""

from __future__ import annotations

import ctypes
from collections import Counter
from itertools import repeat
from struct import Struct

import pypdfium2
import pypdfium2.raw as pdfium

from docqa.adapters.pdfium import native
from docqa.adapters.pdfium.geometry import Box

# Enough to know which way most of the text runs.
_ANGLE_SAMPLES = 9
# Enough to notice that a font has no Unicode table; then all are counted.
_UNICODE_SAMPLES = 64
# Degrees clockwise, as the page is shown.
_DOWNWARDS = 90
_FLOATS, _DOUBLES = Struct("4f"), Struct("4d")


class TextLayer:
    """Characters of a page in PDFium's order; those that it adds itself (spaces, line ends) included.

    Attributes:
        text: One character for each place.
        turned: By how many degrees clockwise most of it is turned, before the page itself is.
    """

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page.get_textpage()
        self._handle = native.handle(self._page)
        # Where PDFium writes boxes.
        self._floats = (ctypes.c_float * 4)()
        self._doubles = (ctypes.c_double * 4)()
        self._float = ctypes.byref(self._floats)
        self._double = [ctypes.byref(self._doubles, 8 * place) for place in range(4)]
        self.count = self._page.count_chars()
        self.text = ""
        self.turned = self._turned() if self.count else 0

    def load(self) -> None:
        """Take the text over."""
        self.text = str(self._page.get_text_range()) if self.count else ""
        if len(self.text) != self.count:
            # PDFium left characters out of the text that it keeps places for.
            self.text = "".join(chr(pdfium.FPDFText_GetUnicode(self._page, place)) for place in range(self.count))

    def close(self) -> None:
        """Free PDFium's copy."""
        self._page.close()

    def owner(self, place: int) -> int:
        """The handle of the object that draws the character; 0 for one that nobody drew."""
        return native.get_text_object(self._handle, place) or 0

    def box(self, place: int) -> Box:
        """The character's cell: as wide as its advance, as high as its font."""
        native.get_loose_box(self._handle, place, self._float)
        left, top, right, bottom = _FLOATS.unpack_from(self._floats)
        return Box(left, bottom, right, top)

    def ink_box(self, place: int) -> Box:
        """The box around the glyph itself."""
        native.get_tight_box(self._handle, place, *self._double)
        left, right, bottom, top = _DOUBLES.unpack_from(self._doubles)
        return Box(left, bottom, right, top)

    def unmapped(self) -> int:
        """How many characters have no Unicode, as their fonts say."""
        step = max(self.count // _UNICODE_SAMPLES, 1)
        if not self._errors(range(0, self.count, step)):
            return 0
        return self._errors(range(self.count))

    def _turned(self) -> int:
        step = max(self.count // _ANGLE_SAMPLES, 1)
        angles = map(native.get_angle, repeat(self._handle), range(0, self.count, step))
        turns = Counter(round(angle / 1.5707963) % 4 * 90 for angle in angles if angle >= 0)
        return turns.most_common(1)[0][0] if turns else 0

    def _errors(self, places: range) -> int:
        return sum(map((1).__eq__, map(native.has_unicode_error, repeat(self._handle), places)))


def text_layer(page: pypdfium2.PdfPage) -> TextLayer:
    """The page's text layer, lines in the order in which they are read.

    Where the text as shown runs downwards, PDFium takes its lines from the last to the first; it doesn't when the same
    page is upside down.
    """
    layer = TextLayer(page)
    if layer.count and (layer.turned + page.get_rotation()) % 360 == _DOWNWARDS:
        layer.close()
        page.set_rotation((page.get_rotation() + 180) % 360)
        layer = TextLayer(page)
    return layer
