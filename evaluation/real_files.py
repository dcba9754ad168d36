"""What becomes of real files: `python -m evaluation.real_files --data FOLDER`.

Reads every file below pdf_odd, pdf_scanned, office, email and receipts as ingestion does, in child processes with the
limits that are shipped, and takes the pages out that need text recognition. A line a file: its type, what came of it,
how its pages were read, and what that took. OCR itself is not part of it. `--text FOLDER` writes what was read
beside it, a text a file, for a look by eye.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.table import Table

from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.adapters.sandbox import Nursery, Sandboxed, SandboxedDetector, Usage
from docqa.domain.parsing_limits import ParsingLimits
from docqa.domain.spans import page_spans
from docqa.errors import DocumentError
from docqa.models.page import Page, ReadingMethod

FOLDERS = ("pdf_odd", "pdf_scanned", "office", "email", "receipts")
# What accompanies the files, and no document.
_NOT_DATA = frozenset({".md5", ".gitattributes"})
_MIB = 1024 * 1024


@dataclass
class FileReport:
    """What became of one file.

    Attributes:
        path: Below the data folder.
        outcome: `read`, or the class of the error that ended it.
        words: What the owner is told, when it failed.
        methods: How many pages were read how.
        seconds: All parses of the file, one after the other.
        peak_megabytes: Most memory that a parse took beyond what it began with.
    """

    path: str
    bytes: int
    media_type: str = ""
    outcome: str = "read"
    words: str = ""
    methods: dict[str, int] = field(default_factory=dict)
    characters: int = 0
    seconds: float = 0.0
    peak_megabytes: float = 0.0


class RealFiles:
    """Reads files as ingestion does."""

    def __init__(self, nursery: Nursery, limits: ParsingLimits, texts: Path | None = None) -> None:
        self._peak = 0
        self._texts = texts
        self._detector = SandboxedDetector(detector, limits, nursery, self._watch)
        self._formats = {kind: Sandboxed(maker, limits, nursery, self._watch) for kind, maker in MAKERS.items()}

    def report(self, path: Path, name: str) -> FileReport:
        """Read one file; whatever is no DocumentError is a fault of ours, and passes."""
        report = FileReport(name, path.stat().st_size)
        self._peak = 0
        started = time.perf_counter()
        try:
            with path.open("rb") as file:
                self._read(file, report)
        except DocumentError as error:
            report.outcome, report.words = type(error).__name__, str(error)
        report.seconds = time.perf_counter() - started
        report.peak_megabytes = self._peak / _MIB
        return report

    def _read(self, file: IO[bytes], report: FileReport) -> None:
        report.media_type = self._detector.detect(file, report.path)
        reader = self._formats[report.media_type]
        waiting = []
        outline = reader.outline(file)
        for span in page_spans(outline.pages, whole=outline.whole):
            for page in reader.read(file, span.first, span.last):
                report.methods[page.method.value] = report.methods.get(page.method.value, 0) + 1
                report.characters += len(page.text)
                self._keep(report.path, page)
                if page.method is ReadingMethod.NEEDS_OCR:
                    waiting.append(page.number)
        if waiting:
            with reader.select(file, waiting):
                pass

    def _keep(self, name: str, page: Page) -> None:
        if self._texts is None:
            return
        path = self._texts / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if page.number == 1 else "a", encoding="utf-8") as text:
            hidden = f", hidden {list(page.hidden)}" if page.hidden else ""
            text.write(f"--- page {page.number} [{page.label}] {page.method}: {page.reason}{hidden}\n{page.text}\n")

    def _watch(self, usage: Usage) -> None:
        self._peak = max(self._peak, usage.peak_bytes - usage.start_bytes)


def main() -> None:
    """Read, print, and keep the report when asked to."""
    options = _options()
    with closing(Nursery()) as nursery:
        files = RealFiles(nursery, ParsingLimits(), options.text)
        reports = [files.report(path, name) for path, name in _files(options.data)]
    console = Console(width=options.width)
    console.print(_table(reports))
    console.print(_summary(reports))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps([asdict(report) for report in reports], indent=1))
    if any(report.seconds > options.seconds or report.peak_megabytes > options.megabytes for report in reports):
        sys.exit(f"a file took more than {options.seconds} seconds or {options.megabytes} MB")


def _files(data: Path) -> Iterator[tuple[Path, str]]:
    for folder in FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and path.suffix not in _NOT_DATA and path.name not in _NOT_DATA:
                yield path, path.relative_to(data).as_posix()


def _table(reports: list[FileReport]) -> Table:
    table = Table(title="Real files")
    for name in ("file", "type", "outcome", "pages"):
        table.add_column(name, overflow="fold")
    for name in ("characters", "seconds", "peak MB"):
        table.add_column(name, justify="right")
    for report in reports:
        table.add_row(
            report.path,
            report.media_type.rpartition("/")[2].rpartition(".")[2],
            report.outcome,
            ", ".join(f"{count} {method}" for method, count in sorted(report.methods.items())),
            f"{report.characters:,}",
            f"{report.seconds:.2f}",
            f"{max(report.peak_megabytes, 0):.0f}",
        )
    return table


def _summary(reports: list[FileReport]) -> str:
    outcomes = Counter(report.outcome for report in reports)
    slowest = max(reports, key=lambda report: report.seconds)
    largest = max(reports, key=lambda report: report.peak_megabytes)
    return (
        f"{len(reports)} files: {', '.join(f'{count} {name}' for name, count in outcomes.most_common())}\n"
        f"slowest: {slowest.path}, {slowest.seconds:.2f} s\n"
        f"largest: {largest.path}, {largest.peak_megabytes:.0f} MB"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds " + ", ".join(FOLDERS))
    parser.add_argument("--json", type=Path, help="also write the report there")
    parser.add_argument("--text", type=Path, help="also write the text of every page below this folder")
    parser.add_argument("--width", type=int, help="columns of the table (default: the terminal's)")
    parser.add_argument("--seconds", type=float, default=60, help="most that a file may take (default: 60)")
    parser.add_argument("--megabytes", type=float, default=1000, help="most memory of a parse (default: 1000)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
