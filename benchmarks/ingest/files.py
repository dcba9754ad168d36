"""Every odd file that there is: how it ended, how long it took, what reading it held of memory."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from benchmarks.ingest.bench import Bench
from benchmarks.ingest.load import Ended, Load
from benchmarks.ingest.memory import resident_bytes
from benchmarks.ingest.receipts import passages, truth_of
from cli.errors import CommandError
from devstack.settings import REPOSITORY
from docqa.errors import EmptyDocumentError
from docqa.models.document import DocumentStatus

FOLDERS = ("pdf_odd", "pdf_scanned", "office", "email", "receipts/img")
# What tells where the files are from, and the boxes and keys beside receipts, are no documents.
NOT_DOCUMENTS = frozenset(
    {"README.rst", "README.md", "README.txt", "LICENSE", "LICENSE.md", "MIT-LICENSE", ".gitattributes"}
)
# Looked at one by one: in all other files a person can read something.
NOTHING_TO_READ = Path(__file__).with_name("nothing_to_read.json")
# Of a file of which it is known what it says. OCR gets a word in five wrong on a bad scan; a page left out is more.
LEAST_WORDS = 0.5
WRITTEN_DOWN = {
    "pdf_odd/pypdf/crazyones.pdf": "crazyones.txt",
    **{f"pdf_scanned/resources/{name}": "linn.txt" for name in ("linn.pdf", "linn.png", "ccitt.pdf", "jbig2.pdf")},
}
WORD = re.compile(r"[^\W\d_]{3,}")
READ_SECONDS = 120
LOOK_SECONDS = 0.02
MEGABYTE = 2**20


def measure(bench: Bench) -> dict[str, Any]:
    """Drop all of them, follow them, and read each once more by itself to see its memory."""
    if bench.choices.data is None:
        raise CommandError("This part needs the folder of real files: --data DIR.")
    files = dict(_files(bench.choices.data))
    bench.say(f"  {len(files)} files")
    load = Load(bench)
    load.drop((name, file.read_bytes()) for name, file in files.items())
    ended = load.follow(bench.choices.seconds)
    said = {
        one.name: words_found(words(truth), words(passages(bench, one.document_id)) if one.chunks else set())
        for one in ended
        if (truth := truth_beside(one.name, files[one.name]))
    }
    load.remove()
    rows = []
    for number, one in enumerate(sorted(ended, key=lambda one: one.name), start=1):
        rows.append(one.plain() | {"reading": read_alone(files[one.name])})
        if number % 50 == 0:
            bench.say(f"  {number} read alone")
    nothing = json.loads(NOTHING_TO_READ.read_text("utf-8"))
    return {
        "files": rows,
        "by_status": dict(Counter(one.status for one in ended)),
        "nothing_to_read": {name: why for name, why in nothing.items() if name in files},
        "without_status": [one.name for one in ended if one.seconds is None],
        "slowest_seconds": max(row["reading"]["seconds"] for row in rows),
        "largest_megabytes": max(row["reading"]["peak_megabytes"] for row in rows),
        "readable_but_empty": readable_but_empty(ended, nothing, said),
        "words_found": said,
    }


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    rows = [
        ", ".join(f"{count} {status}" for status, count in sorted(result["by_status"].items()))
        + ". Seconds and memory "
        "are those of reading the file by itself, in the processes that a function would use; OCR is not in them.",
        "",
        _readable(result),
        "",
        "| file | status | pages | by OCR | empty | passages | reading, s | reading, MB | failure or warning |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in result["files"]:
        reading = one["reading"]
        said = one["failure"] or "; ".join(one["warnings"])
        rows.append(
            f"| {one['name']} | {one['status']} | {one['pages']} | {one['ocr']} | {one['empty']} | {one['chunks']} "
            f"| {reading['seconds']} | {reading['peak_megabytes']} | {_cell(said)} |"
        )
    return rows


def _readable(result: Mapping[str, Any]) -> str:
    files, said = result["files"], result["words_found"]
    return (
        f"{len(files) - len(result['nothing_to_read'])} of {len(files)} files hold something that a person can read. "
        f"Of these ended empty: {', '.join(result['readable_but_empty']) or 'none'}. Of {len(said)} it is known what "
        f"they say: the passages hold at least {min(said.values(), default=0.0):.0%} of their words."
    )


def read_alone(file: Path) -> dict[str, Any]:
    """Seconds and peak memory of reading one file, children included."""
    command = [sys.executable, "-m", "benchmarks.ingest.read_file", str(file)]
    peak, done = 0, threading.Event()
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watched = psutil.Process(process.pid)

    def watch() -> None:
        nonlocal peak
        while not done.wait(LOOK_SECONDS):
            with contextlib.suppress(psutil.NoSuchProcess):
                peak = max(peak, resident_bytes([watched, *watched.children(recursive=True)]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        output, _ = process.communicate(timeout=READ_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    finally:
        done.set()
        watcher.join()
    last = output.strip().splitlines()[-1:]
    found: dict[str, Any] = (
        json.loads(last[0]) if last else {"error": f"exit code {process.returncode}", "seconds": READ_SECONDS}
    )
    return found | {"peak_megabytes": round(peak / MEGABYTE)}


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for file in sorted((data / folder).rglob("*")):
            if file.is_file() and file.name not in NOT_DOCUMENTS:
                yield str(file.relative_to(data)), file


def readable_but_empty(
    ended: Iterable[Ended], nothing_to_read: Collection[str], said: Mapping[str, float]
) -> list[str]:
    """Files in which a person can read something and docqa found nothing, whatever status it called that.

    Args:
        ended: How each file ended.
        nothing_to_read: The files in which there is nothing.
        said: Share of the words that the passages hold, of files of which it is known what they say.
    """
    return [
        one.name
        for one in ended
        if one.name not in nothing_to_read and (_is_empty(one) or (one.name in said and said[one.name] < LEAST_WORDS))
    ]


def _is_empty(one: Ended) -> bool:
    indexed = one.status in (DocumentStatus.INDEXED, DocumentStatus.PARTIALLY_INDEXED)
    return (indexed and not one.chunks) or one.failure.startswith(EmptyDocumentError.__name__)


def truth_beside(name: str, file: Path) -> str:
    """What a file says, where somebody wrote it down beside it; empty if nobody did."""
    if name.startswith("receipts/"):
        return truth_of(file)
    written = WRITTEN_DOWN.get(name)
    return file.with_name(written).read_text("utf-8", "replace") if written else ""


def words(text: str) -> set[str]:
    """Words of three letters and more, whatever their case."""
    return set(WORD.findall(text.casefold()))


def words_found(truth: set[str], found: set[str]) -> float:
    """Share of the words of the truth that were found; 1 where it has none."""
    return round(len(truth & found) / len(truth), 3) if truth else 1.0


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:160]
