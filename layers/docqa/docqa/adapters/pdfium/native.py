"""PDFium's functions that are called for every glyph or drawn object, with plain numbers as handles of objects.

pypdfium2 makes a pointer object of each handle that it returns. A page of a financial report has 2,500 drawn objects:
without those pointer objects looking at all of them takes half the time. A page's own handle, and where answers are
written, stay the same for thousands of calls: they are made ready once, so that no call has to convert them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as pdfium

_HANDLE = ctypes.c_void_p
_INT = ctypes.c_int


def handle(wrapper: Any) -> ctypes.c_void_p:
    """The address behind one of pypdfium2's objects, as the functions of a page take it."""
    return ctypes.cast(wrapper.raw, _HANDLE)


def _of_page(name: str, result: Any) -> Callable[..., Any]:
    """A function of a `handle`, then of small whole numbers or `ctypes.byref`: nothing that would need a conversion."""
    return _bound(name, result)


def _bound(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    address = ctypes.cast(getattr(pdfium, name), _HANDLE).value
    if address is None:
        raise AttributeError(f"PDFium has no function {name}")
    # Not CFUNCTYPE: letting the interpreter's lock go and taking it again costs more than most of these calls.
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


count_objects = _of_page("FPDFPage_CountObjects", _INT)
get_object = _of_page("FPDFPage_GetObject", _HANDLE)
count_form_objects = _bound("FPDFFormObj_CountObjects", _INT, _HANDLE)
get_form_object = _bound("FPDFFormObj_GetObject", _HANDLE, _HANDLE, ctypes.c_ulong)
get_type = _bound("FPDFPageObj_GetType", _INT, _HANDLE)
get_matrix = _bound("FPDFPageObj_GetMatrix", _INT, _HANDLE, _HANDLE)
get_bounds = _bound("FPDFPageObj_GetBounds", _INT, _HANDLE, *[_HANDLE] * 4)
get_fill_color = _bound("FPDFPageObj_GetFillColor", _INT, _HANDLE, *[_HANDLE] * 4)
get_draw_mode = _bound("FPDFPath_GetDrawMode", _INT, _HANDLE, _HANDLE, _HANDLE)
get_pixel_size = _bound("FPDFImageObj_GetImagePixelSize", _INT, _HANDLE, _HANDLE, _HANDLE)
get_render_mode = _bound("FPDFTextObj_GetTextRenderMode", _INT, _HANDLE)
set_active = _bound("FPDFPageObj_SetIsActive", _INT, _HANDLE, _INT)
get_text_object = _of_page("FPDFText_GetTextObject", _HANDLE)
get_loose_box = _of_page("FPDFText_GetLooseCharBox", _INT)
get_tight_box = _of_page("FPDFText_GetCharBox", _INT)
get_angle = _of_page("FPDFText_GetCharAngle", ctypes.c_float)
has_unicode_error = _of_page("FPDFText_HasUnicodeMapError", _INT)
