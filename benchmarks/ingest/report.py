"""The report of all figures that are there: Markdown, plots, and the table for the README."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.ingest.parts import PARTS
from benchmarks.ingest.plots import draw
from cli.errors import CommandError
from devstack.settings import REPOSITORY

RESULTS = REPOSITORY / "build" / "bench" / "ingest"
GIGABYTE_IN_MEGABYTES = 1024


def results_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Figures by part.

    Raises:
        CommandError: nothing was measured yet.
    """
    found = {
        part.name: json.loads(file.read_text()) for part in PARTS if (file := folder / f"{part.name}.json").exists()
    }
    if not found:
        raise CommandError("Nothing was measured yet: run make bench-ingest.")
    return found


def write_report(folder: Path) -> str:
    """Write report.md and its plots; the report's path below the repository."""
    results = results_in(folder)
    lines = ["# Ingestion, measured", "", "On one machine: the emulator, a real OpenSearch, the packaged models.", ""]
    for part in PARTS:
        if part.name not in results:
            continue
        result = results[part.name]
        lines += [f"## {part.title}", "", f"{result['date']}, `--only {part.name}`", "", *part.table(result), ""]
        lines += [f"![{part.title}]({plot.name})\n" for plot in draw(part.name, result, folder)]
    report = folder / "report.md"
    report.write_text("\n".join(lines))
    return str(report.relative_to(REPOSITORY)) if report.is_relative_to(REPOSITORY) else str(report)


def readme_table(results: Mapping[str, dict[str, Any]]) -> list[str]:
    """One row a part, for the README; parts without figures are left out."""
    rows = [f"| {what} | {said(results[name])} |" for name, (what, said) in SUMMARIES.items() if name in results]
    return ["| taking documents in, 2 cores | |", "|---|---|", *rows]


def _speed(result: dict[str, Any]) -> str:
    without, included = result["without_embedding"], result["with_embedding"]
    return (
        f"{included['docqa']['pages_a_second']:.1f} ({included['times_the_plain_script']:.1f} times a plain script); "
        f"without the embedding model {without['docqa']['pages_a_second']:.1f} "
        f"({without['times_the_plain_script']:.1f} times)"
    )


def _sizes(result: dict[str, Any]) -> str:
    largest = result["sizes"][-1]
    gigabytes = max(largest["peak_megabytes"].values()) / GIGABYTE_IN_MEGABYTES
    return (
        f"{largest['pages']:,} pages in {largest['seconds']:.0f} s, at most {gigabytes:.1f} GB a function, "
        f"{largest['history_events']:,} history events"
    )


def _cost(result: dict[str, Any]) -> str:
    digital = result["born_digital"]["own_usd"] + result["born_digital"]["textract_usd"]
    return f"{digital:.2f} USD; {result['every_page_extracted_usd']:.2f} if every page went to Textract"


def _burst(result: dict[str, Any]) -> str:
    return (
        f"{result['documents']} scans: {result['indexed']} indexed, {result['lost']} lost, {result['failed']} failed, "
        f"{result['duplicate_executions']} done twice, at most {result['in_flight_most']} in flight"
    )


def _receipts(result: dict[str, Any]) -> str:
    return f"{result['passages']:.1%} in the passages, {result['engine']:.1%} from the OCR engine alone"


SUMMARIES: Mapping[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "speed": ("born-digital pages a second, end to end", _speed),
    "sizes": ("the largest document", _sizes),
    "cost": ("1,000 born-digital pages", _cost),
    "burst": ("dropped at once, Textract taking 10 starts a second and failing 5 % of them", _burst),
    "questions": (
        "p95 of questions meanwhile",
        lambda result: f"{result['p95_ratio']:.1f} times that of an idle stack",
    ),
    "receipts": ("characters right on scanned receipts", _receipts),
}
