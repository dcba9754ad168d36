"""Reading a file as ingestion does, in child processes with limits that are reached quickly."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.adapters.sandbox import Nursery, Sandboxed, SandboxedDetector, Usage
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentError
from docqa.models.page import Page, ReadingMethod

MIB = 1024 * 1024
SMALL = ParsingLimits(
    max_pages=500,
    max_page_characters=200_000,
    max_total_characters=1_000_000,
    max_decompressed_bytes=32 * MIB,
    max_archive_entries=1_000,
    max_image_pixels=10_000_000,
    memory_bytes=192 * MIB,
    cpu_seconds=1,
    wall_seconds=30,
)
# A span of pages, as ingestion asks for them.
_SPAN = 100


@dataclass
class Reading:
    """What came of a file: its pages, and how the processes ended that read it."""

    media_type: str = ""
    pages: list[Page] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    selected_bytes: int = 0

    @property
    def text(self) -> str:
        return "\n".join(page.text for page in self.pages)

    @property
    def grown_bytes(self) -> int:
        return max((usage.peak_bytes - usage.start_bytes for usage in self.usages), default=0)


def read(file: bytes, name: str, nursery: Nursery, limits: ParsingLimits = SMALL) -> Reading:
    """Detect, outline, the first span of pages, and those taken out that need text recognition."""
    opened = io.BytesIO(file)
    reading = Reading()
    reading.media_type = SandboxedDetector(detector, limits, nursery, reading.usages.append).detect(opened, name)
    reader = Sandboxed(MAKERS[reading.media_type], limits, nursery, reading.usages.append)
    pages = reader.outline(opened).pages
    reading.pages = list(reader.read(opened, 1, min(pages, _SPAN)))
    waiting = [page.number for page in reading.pages if page.method is ReadingMethod.NEEDS_OCR]
    if waiting:
        with reader.select(opened, waiting) as selected:
            reading.selected_bytes = len(selected.read())
    return reading


def outcome(file: bytes, name: str, nursery: Nursery) -> Reading | DocumentError:
    """The reading, or the error that the document's owner would be told."""
    try:
        return read(file, name, nursery)
    except DocumentError as error:
        return error
