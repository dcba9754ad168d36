"""How the pages of PDF files are read: `python -m evaluation.page_reading --data FOLDER`.

Reads every PDF below the folder, each in a process of its own, and prints a line for each: pages by method, why, hidden
characters, seconds, and the most memory that its process took. What a file of text ends as is seen at a glance; what a
change of the rules changes is seen by comparing two runs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from docqa.adapters.pdf import PdfFormat
from docqa.errors import DocumentError
from docqa.models.page import Page, ReadingMethod

_MOST_REASONS = 3
_SHOWN_TEXT = 40


@dataclass(frozen=True)
class Reading:
    """What became of one file.

    Attributes:
        methods: Pages by method.
        reasons: Why, the most frequent first; or the failure.
        hidden: Characters that no reader of the pages can see.
        opening: The first words.
        seconds: Of the processor, import and start of the process not counted.
        memory: Mebibytes of the process at its largest, some 60 of them before the file is opened.
    """

    path: Path
    methods: Counter[ReadingMethod]
    reasons: tuple[str, ...]
    hidden: int
    opening: str
    seconds: float
    memory: int


def main() -> None:
    """Read and print."""
    options = _options()
    files = sorted(path for path in options.data.rglob("*") if path.suffix.lower() == ".pdf")
    table = Table("file", "pages", "why", "hidden", "begins", "seconds", "MiB")
    total: Counter[ReadingMethod] = Counter()
    seconds = 0.0
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        for reading in pool.imap(read, files):
            total += reading.methods
            seconds += reading.seconds
            table.add_row(*_row(reading))
    console = Console(width=options.width)
    console.print(table)
    counts = ", ".join(f"{count} {method}" for method, count in total.most_common())
    console.print(
        f"{len(files)} files, {total.total()} pages ({counts}), {total.total() / max(seconds, 1e-9):.0f} a second"
    )


def read(path: Path) -> Reading:
    """One file from its first to its last page."""
    pdf, pages, failure = PdfFormat(), list[Page](), ""
    started = time.process_time()
    try:
        with path.open("rb") as file:
            pages.extend(pdf.read(file, 1, pdf.outline(file).pages))
    except DocumentError as error:
        failure = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - started
    reasons = Counter(page.reason for page in pages)
    return Reading(
        path,
        Counter(page.method for page in pages),
        (failure,) if failure else tuple(reason for reason, _ in reasons.most_common(_MOST_REASONS)),
        sum(last - first for page in pages for first, last in page.hidden),
        next((page.text[:_SHOWN_TEXT] for page in pages if page.text), ""),
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def _row(reading: Reading) -> tuple[str, ...]:
    methods = ", ".join(f"{count} {method}" for method, count in reading.methods.most_common())
    return (
        reading.path.name,
        methods,
        "\n".join(reading.reasons),
        str(reading.hidden or ""),
        " ".join(reading.opening.split()),
        f"{reading.seconds:.2f}",
        str(reading.memory),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="folder with PDF files, at any depth")
    parser.add_argument("--width", type=int, default=200, help="columns of the table")
    return parser.parse_args()


if __name__ == "__main__":
    main()
