"""PDF pages drawn operator by operator: hidden text, scans with a text layer, turned pages, bad fonts."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 595, 842
# Of a scan.
_PIXELS_A_POINT = 2


@dataclass(frozen=True)
class Scan:
    """A picture of lines of text, and where each word stands in it, in points from the lower left corner."""

    pixels: bytes
    words: tuple[tuple[str, float, float, float], ...]


def shown(text: str, x: float, y: float, size: float = 11, before: str = "") -> str:
    """A line of Helvetica; `before` sets colour, render mode and the like."""
    return f"q {before} BT /F1 {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET Q\n"


def paragraph(lines: Iterable[str], x: float = 50, y: float = 780, size: float = 11, before: str = "") -> str:
    """Lines below each other."""
    return "".join(shown(line, x, y - 1.3 * size * row, size, before) for row, line in enumerate(lines))


def turned(lines: Iterable[str], degrees: int) -> str:
    """Lines that run upwards (90), upside down (180) or downwards (270), the first one where its reader looks first."""
    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    starts = {0: (50, 780, 0, -14), 90: (100, 60, 14, 0), 180: (545, 60, 0, 14), 270: (495, 780, -14, 0)}
    x, y, right, up = starts[degrees]
    return "".join(
        f"BT /F1 11 Tf {cosine} {sine} {-sine} {cosine} {x + right * row} {y + up * row} Tm ({_escaped(line)}) Tj ET\n"
        for row, line in enumerate(lines)
    )


def filled(color: str, x: float, y: float, width: float, height: float) -> str:
    """A rectangle; `color` as three shares of red, green and blue."""
    return f"q {color} rg {x} {y} {width} {height} re f Q\n"


def pictured() -> str:
    """The page's picture, as large as the page."""
    return f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /I1 Do Q\n"


def scan_of(lines: Sequence[str]) -> Scan:
    """A page as a scanner sees it."""
    font = ImageFont.load_default(size=12 * _PIXELS_A_POINT)
    picture = Image.new("L", (WIDTH * _PIXELS_A_POINT, HEIGHT * _PIXELS_A_POINT), 250)
    draw = ImageDraw.Draw(picture)
    words = []
    for row, line in enumerate(lines):
        x, y = 50.0, 60.0 + 18 * row
        for word in line.split():
            draw.text((x * _PIXELS_A_POINT, y * _PIXELS_A_POINT), word, fill=10, font=font)
            width = draw.textlength(word, font=font) / _PIXELS_A_POINT
            words.append((word, x, HEIGHT - y - 12, width))
            x += width + 5
    return Scan(picture.tobytes(), tuple(words))


def recognised(scan: Scan, right: float = 0, up: float = 0, before: str = "3 Tr") -> str:
    """The words of a scan as text that is not drawn, stretched to their width; or moved off them."""
    return "".join(
        f"q {before} BT /F1 11 Tf {100 * width / _helvetica(word):.2f} Tz {x + right:.2f} {y + up:.2f} Td "
        f"({_escaped(word)}) Tj ET Q\n"
        for word, x, y, width in scan.words
    )


def drawn_pdf(pages: Sequence[str], picture: bytes = b"", page: str = "", catalog: str = "", font: str = "") -> bytes:
    """A PDF of these pages; `page` and `catalog` are entries of their dictionaries, `picture` the pixels of a scan."""
    objects: list[bytes] = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        b"",
        (font or "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>").encode(),
        _picture(picture),
    ]
    resources = "/Resources << /Font << /F1 3 0 R >> /XObject << /I1 4 0 R >> >>"
    kids = []
    for content in pages:
        objects.append(_stream("", content.encode("latin-1")))
        media = "" if "/MediaBox" in page else f"/MediaBox [0 0 {WIDTH} {HEIGHT}]"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R {media} {page} {resources} /Contents {len(objects)} 0 R >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _file(objects)


def _helvetica(word: str) -> float:
    """Width of a word in Helvetica 11, near enough: letters are half as wide as high."""
    narrow, wide = sum(word.count(one) for one in "iljtfI.,:;'"), sum(word.count(one) for one in "mwMW")
    return 11 * (0.25 * narrow + 0.85 * wide + 0.556 * (len(word) - narrow - wide))


def _picture(pixels: bytes) -> bytes:
    width, height = (WIDTH * _PIXELS_A_POINT, HEIGHT * _PIXELS_A_POINT) if pixels else (1, 1)
    entries = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8"
    return _stream(f"{entries} /ColorSpace /DeviceGray /Filter /FlateDecode", zlib.compress(pixels or b"\xff"))


def _stream(entries: str, content: bytes) -> bytes:
    return f"<< {entries} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    body, offsets = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
