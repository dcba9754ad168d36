"""A PDF page of lines, each drawn as it is told: in a colour, in a size, beside the page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842
# Characters of Helvetica 10 between the margins.
_CHARACTERS = 95


@dataclass(frozen=True, slots=True)
class Line:
    """One line of Helvetica.

    Attributes:
        size: Points.
        colour: Shares of red, green and blue.
        x: Points from the page's left edge; below zero it lies outside.
        mode: PDF's text rendering mode: 0 is filled, 3 draws nothing.
    """

    text: str
    size: float = 10
    colour: str = "0 0 0"
    x: float = 50
    mode: str = "0"


def wrapped(text: str) -> list[str]:
    """The text in lines that fit on the page; what Windows-1252 lacks is left out."""
    plain = text.encode("cp1252", "ignore").decode("cp1252")
    return [line for part in plain.split("\n") for line in textwrap.wrap(part, _CHARACTERS)]


def draw_pdf(lines: Sequence[Line]) -> bytes:
    """One page with the lines below each other."""
    drawn, y = [], HEIGHT - 60.0
    for line in lines:
        how = f"{line.colour} rg {line.mode} Tr BT /F1 {line.size} Tf {line.x} {y:.1f} Td"
        drawn.append(f"q {how} ({_escaped(line.text)}) Tj ET Q")
        y -= 1.3 * max(line.size, 8)
    content = "\n".join(drawn).encode("cp1252")
    media = f"/MediaBox [0 0 {WIDTH} {HEIGHT}]"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream",
        f"<< /Type /Page /Parent 2 0 R {media} /Resources << /Font << /F1 3 0 R >> >> /Contents 4 0 R >>".encode(),
    ]
    return _file(objects)


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
