"""PDF files made for tests: pages of text, of a picture, of nothing."""

from __future__ import annotations

import io
import textwrap

import pypdf
from PIL import Image, ImageDraw


def text_pdf(pages: list[str], title: str = "") -> bytes:
    """A page of Helvetica for each text; an empty text is an empty page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        content = _content(text)
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< /Title ({title}) >>")
    return _file(objects)


def scanned_pdf(texts: list[str]) -> bytes:
    """A picture of each text, and no text layer."""
    pictures = [_picture(text) for text in texts]
    file = io.BytesIO()
    pictures[0].save(file, "PDF", save_all=True, append_images=pictures[1:])
    return file.getvalue()


def joined(*files: bytes) -> bytes:
    """The pages of several PDFs in one."""
    writer = pypdf.PdfWriter()
    for file in files:
        writer.append(io.BytesIO(file))
    return _written(writer)


def encrypted(file: bytes, user_password: str) -> bytes:
    """The PDF behind a password; an empty one opens for everybody."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(file))
    writer.encrypt(user_password, "owner's own", algorithm="RC4-128")
    return _written(writer)


def _written(writer: pypdf.PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _content(text: str) -> str:
    lines = [line for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, 90) or [""]]
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    return f"BT /F1 11 Tf 14 TL 50 800 Td\n{shown}ET" if lines else ""


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _file(objects: list[str]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info {len(objects)} 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def _picture(text: str) -> Image.Image:
    picture = Image.new("L", (620, 877), 255)
    ImageDraw.Draw(picture).multiline_text((40, 40), textwrap.fill(text, 70), fill=0)
    return picture
