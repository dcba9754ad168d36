"""PDFs that loop, flood, and unpack without end."""

from __future__ import annotations

import zlib

from tests.fakes.containers import pdf, stream

_MIB = 1024 * 1024
# What an archive or a filter pretends to hold: above every limit that the tests set.
_UNPACKED = 64 * 1024 * 1024


def _catalogue(pages: bytes) -> dict[int, bytes]:
    return {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: pages}


def pdf_page_tree_that_contains_itself() -> bytes:
    return pdf(_catalogue(b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"))


def pdf_cross_references_in_a_circle() -> bytes:
    file = pdf(_one_page(b"BT (text) Tj ET"))
    at = file.rindex(b"xref\n0 ")
    return file.replace(b"trailer\n<< ", b"trailer\n<< /Prev %d " % at)


def pdf_flood_of_pages() -> bytes:
    kids = b"3 0 R " * 200_000
    return pdf(
        {
            **_catalogue(b"<< /Type /Pages /Kids [%s] /Count 200000 >>" % kids),
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        }
    )


def pdf_page_count_that_is_a_lie() -> bytes:
    return pdf(
        {
            **_catalogue(b"<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>"),
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        }
    )


def pdf_stacked_filters() -> bytes:
    content = b" " * _UNPACKED
    for _ in range(4):
        content = zlib.compress(content, 9)
    return pdf(_one_page(content, b"/Filter [/FlateDecode /FlateDecode /FlateDecode /FlateDecode]"))


def pdf_flood_of_characters() -> bytes:
    shown = b"(" + b"word " * 100 + b") Tj T*\n"
    content = b"BT /F1 1 Tf 1 TL 0 800 Td\n" + shown * 20_000 + b"ET"
    return pdf(_one_page(zlib.compress(content, 9), b"/Filter /FlateDecode"))


def pdf_forms_within_forms() -> bytes:
    """Ten forms that draw the next one ten times each: ten thousand million drawings."""
    objects = _one_page(b"/X0 Do", resources=b"/XObject << /X0 10 0 R >>")
    for level in range(10):
        inside = (b"/X%d Do " % (level + 1)) * 10
        own = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X%d %d 0 R >> >>"
        objects[10 + level] = stream(inside, own % (level + 1, 11 + level))
    objects[20] = stream(b"BT /F1 9 Tf (deep) Tj ET", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    return pdf(objects)


def pdf_form_that_draws_itself() -> bytes:
    objects = _one_page(b"/X0 Do", resources=b"/XObject << /X0 10 0 R >>")
    own = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X0 10 0 R >> >>"
    objects[10] = stream(b"/X0 Do /X0 Do", own)
    return pdf(objects)


def pdf_arrays_within_arrays() -> bytes:
    objects = _one_page(b"BT (x) Tj ET")
    objects[1] = b"<< /Type /Catalog /Pages 2 0 R /Outlines 9 0 R >>"
    objects[9] = b"[" * 200_000 + b"]" * 200_000
    return pdf(objects)


def pdf_giant_picture() -> bytes:
    pixels = zlib.compress(bytes(_MIB), 9)
    picture = (
        b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /ColorSpace /DeviceRGB "
        b"/BitsPerComponent 8 /Filter /FlateDecode"
    )
    objects = _one_page(b"q 595 0 0 842 0 0 cm /X0 Do Q", resources=b"/XObject << /X0 10 0 R >>")
    objects[10] = stream(pixels, picture)
    return pdf(objects)


def _one_page(content: bytes, dictionary: bytes = b"", resources: bytes = b"") -> dict[int, bytes]:
    return {
        **_catalogue(b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> %s >> >>" % resources,
        4: stream(content, dictionary),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
