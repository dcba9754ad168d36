"""A born-digital document of ten pages that no stack has seen before."""

from __future__ import annotations

import uuid
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from devstack.demo.material import documents

PAGES = 10


def write_ten_pages(file: Path) -> Path:
    """Ten pages of the demo's reports as one PDF; a fresh id inside makes its bytes, and so its content hash, new."""
    writer = PdfWriter()
    reports = [
        document.file for document in documents() if document.file.suffix == ".pdf" and "scan" not in document.name
    ]
    pages = [page for report in reports for page in PdfReader(report).pages]
    for page in pages[:PAGES]:
        writer.add_page(page)
    writer.add_metadata({"/Title": "Ten pages of accident reports", "/Subject": str(uuid.uuid4())})
    writer.write(file)
    return file
