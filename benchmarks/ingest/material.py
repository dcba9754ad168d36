"""Documents to measure with: real ones where there are some, generated ones in every size, scans for the burst."""

from __future__ import annotations

import io
import re
import textwrap
import uuid
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from devstack.demo.material import documents

LINES_A_PAGE, COLUMNS = 46, 84
# A scan of half an A4 page's resolution: text to the eye, 10 KB to the disk.
SCAN_SIZE = (620, 877)


def born_digital(data: Path | None) -> list[tuple[str, bytes]]:
    """Real PDFs with a text layer, by name: the filings below `data`, or the demo's reports."""
    filings = sorted((data / "qa" / "filings" / "documents").glob("*.pdf")) if data else []
    files = filings or [one.file for one in documents() if one.file.suffix == ".pdf" and "scan" not in one.name]
    return [(file.name, file.read_bytes()) for file in files]


def unseen(content: bytes) -> bytes:
    """The same PDF with other bytes, and so another content hash: nothing of it was extracted or embedded before."""
    return content + f"\n% {uuid.uuid4()}\n".encode()


def sentences() -> list[str]:
    """What the demo's reports say, sentence by sentence."""
    text = " ".join(_text(content) for _, content in born_digital(None))
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())) if len(sentence) > len("No.")]


def pdf_of(pages: int) -> bytes:
    """A PDF of so many full pages of English, no two of them alike."""
    said = sentences()
    return write_pdf(_page(said, number) for number in range(1, pages + 1))


def _page(said: list[str], number: int) -> list[str]:
    """Sentences from a place that moves with the number, under a heading that names it."""
    lines = [f"{number}. Findings of flight {number:05}", ""]
    at = number * 7
    while len(lines) < LINES_A_PAGE:
        lines += textwrap.wrap(said[at % len(said)], COLUMNS)
        at += 1 + number % 3
    return lines[:LINES_A_PAGE]


def write_pdf(pages: Iterator[list[str]]) -> bytes:
    """A PDF of Helvetica, a page for each list of lines."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        shown = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in lines)
        content = b"BT /F1 10 Tf 16 TL 50 790 Td\n" + shown + b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _file(objects)


def scan_of(text: str, pages: int = 1) -> bytes:
    """A PDF of pictures of this text: nothing but OCR can read it, and no other has the same bytes."""
    pictures = []
    for page in range(1, pages + 1):
        picture = Image.new("1", SCAN_SIZE, 1)
        lines = textwrap.fill(f"{text} (page {page} of {pages})", 70)
        ImageDraw.Draw(picture).multiline_text((40, 40), lines, fill=0)
        pictures.append(picture)
    content = io.BytesIO()
    pictures[0].save(content, "PDF", save_all=True, append_images=pictures[1:])
    return content.getvalue()


def mixed_of(pages: int) -> bytes:
    """A PDF of so many pages, by turns with a text layer and a picture of one."""
    half = pages // 2
    sources = [pypdfium2.PdfDocument(content) for content in (pdf_of(pages - half), scan_of("A page of a scan", half))]
    mixed = pypdfium2.PdfDocument.new()
    for number in range(pages):
        mixed.import_pages(sources[number % 2], [number // 2])
    content = io.BytesIO()
    mixed.save(content)
    for document in (mixed, *sources):
        document.close()
    return content.getvalue()


def _text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def _escaped(line: str) -> bytes:
    return re.sub(rb"([\\()])", rb"\\\1", line.encode("latin-1", "replace"))


def _file(objects: list[bytes]) -> bytes:
    body, offsets = io.BytesIO(b"%PDF-1.4\n"), []
    body.seek(0, io.SEEK_END)
    for number, content in enumerate(objects, start=1):
        offsets.append(body.tell())
        body.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = body.tell()
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    body.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table))
    body.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start))
    return body.getvalue()
