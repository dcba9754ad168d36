"""Every odd file that there is: how it ended, how long it took, what reading it held of memory."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from benchmarks.ingest.bench import Bench
from benchmarks.ingest.load import Ended, Load
from benchmarks.ingest.memory import resident_bytes
from cli.errors import CommandError
from devstack.settings import REPOSITORY

FOLDERS = ("pdf_odd", "pdf_scanned", "office", "email", "receipts/img")
# What tells where the files are from, and the boxes and keys beside receipts, are no documents.
NOT_DOCUMENTS = frozenset(
    {"README.rst", "README.md", "README.txt", "LICENSE", "LICENSE.md", "MIT-LICENSE", ".gitattributes"}
)
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
    load.remove()
    rows = []
    for number, one in enumerate(sorted(ended, key=lambda one: one.name), start=1):
        rows.append(one.plain() | {"reading": read_alone(files[one.name])})
        if number % 50 == 0:
            bench.say(f"  {number} read alone")
    return {"files": rows, "by_status": dict(Counter(one.status for one in ended)), "empty": _empty(ended)}


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    rows = [
        ", ".join(f"{count} {status}" for status, count in sorted(result["by_status"].items()))
        + ". Seconds and memory "
        "are those of reading the file by itself, in the processes that a function would use; OCR is not in them.",
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


def _empty(ended: list[Ended]) -> list[str]:
    """Files that count as indexed and have nothing that could be asked about."""
    return [one.name for one in ended if one.status == "INDEXED" and not one.chunks]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:160]
