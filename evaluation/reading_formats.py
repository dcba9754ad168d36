"""Read every file of some folders as ingestion does, and tell what came of it.

    python -m evaluation.reading_formats FOLDER... [--text] [--output table.md]

Each file is read in a child process under the limits of a deployed stack. Nothing is sent to text extraction: pages
that need it are counted.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.bootstrap.sandbox import sandboxed, sandboxed_detector
from docqa.domain.tables import pipe_table
from docqa.errors import DocumentError
from docqa.models.page import Page, ReadingMethod

_NAME_MAX_CHARACTERS = 60
_NOTE_MAX_CHARACTERS = 110
_COLUMNS = ("file", "type", "pages", "text", "ocr", "unread", "characters", "hidden", "seconds", "remarks")


@dataclass
class Reading:
    """What came of one file.

    Attributes:
        media_type: Empty when the file was refused before its type was known.
        refusal: Why the file is not read, in the words that its owner is told.
        seconds: For type, outline and all pages.
    """

    name: str
    media_type: str = ""
    refusal: str = ""
    pages: list[Page] = field(default_factory=list)
    seconds: float = 0.0

    def row(self) -> list[str]:
        """A line of the table."""
        methods = Counter(page.method for page in self.pages)
        hidden = sum(end - start for page in self.pages for start, end in page.hidden)
        return [
            self.name[-_NAME_MAX_CHARACTERS:],
            self.media_type.rsplit("/", 1)[-1].rsplit(".", 1)[-1],
            str(len(self.pages)),
            str(methods[ReadingMethod.TEXT_LAYER]),
            str(methods[ReadingMethod.NEEDS_OCR]),
            str(methods[ReadingMethod.UNREADABLE]),
            str(sum(len(page.text) for page in self.pages)),
            str(hidden),
            f"{self.seconds:.2f}",
            "; ".join(self.remarks())[:_NOTE_MAX_CHARACTERS],
        ]

    def remarks(self) -> list[str]:
        """What an owner would want to know."""
        if self.refusal:
            return [self.refusal]
        unreadable = [f"{page.label}: {page.reason}" for page in self.pages if page.method is ReadingMethod.UNREADABLE]
        unread = [page.reason for page in self.pages if "not read" in page.reason]
        return [*unreadable, *unread]


def read(path: Path, name: str) -> Reading:
    """Read one file from its type to its last page."""
    reading = Reading(name)
    started = time.perf_counter()
    try:
        with path.open("rb") as file:
            reading.media_type = sandboxed_detector(detector).detect(file, name)
            document_format = sandboxed(MAKERS[reading.media_type])
            pages = document_format.outline(file).pages
            reading.pages = list(document_format.read(file, 1, pages))
    except DocumentError as error:
        reading.refusal = f"{type(error).__name__}: {error}"
    reading.seconds = time.perf_counter() - started
    return reading


def readings(folders: Sequence[Path]) -> Iterator[Reading]:
    """Every file of the folders, in order; one that is not there is an error."""
    for folder in folders:
        if not folder.exists():
            raise SystemExit(f"{folder} is not there")
        files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
        for path in files:
            yield read(path, path.relative_to(folder).as_posix() if folder.is_dir() else path.name)


def main() -> None:
    """Print the table, and the text where it is asked for."""
    parser = argparse.ArgumentParser(description="What becomes of the files of some folders.")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--text", action="store_true", help="print the text of every page too")
    parser.add_argument("--output", type=Path, help="write the table to this file, as Markdown")
    options = parser.parse_args()
    rows: list[Sequence[str]] = [_COLUMNS]
    for reading in readings(options.folders):
        rows.append(reading.row())
        print(" | ".join(reading.row()), flush=True)
        if options.text:
            _print_pages(reading)
    if options.output:
        options.output.write_text(pipe_table(rows) + "\n", encoding="utf-8")
    refused = sum(not int(row[2]) for row in rows[1:])
    print(f"{len(rows) - 1} files, {refused} of them refused with a reason, {len(rows) - 1 - refused} read.")


def _print_pages(reading: Reading) -> None:
    for page in reading.pages:
        print(f"--- page {page.number} [{page.label}] {page.method}: {page.reason} {page.hidden or ''}")
        print(page.text)


if __name__ == "__main__":
    main()
