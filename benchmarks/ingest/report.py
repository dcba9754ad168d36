"""The report of all figures that are there: Markdown and plots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.checks import Check, table
from benchmarks.ingest import targets
from benchmarks.ingest.parts import PARTS
from benchmarks.ingest.plots import draw
from cli.errors import CommandError
from devstack.settings import REPOSITORY

RESULTS = REPOSITORY / "build" / "bench" / "ingest"


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


def checks_in(results: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Check]]:
    """Every target of the parts that were measured, with the part's name."""
    return [
        (part.name, check)
        for part in PARTS
        if part.name in results
        for check in targets.checks_of(part.name, results[part.name])
    ]


def write_report(folder: Path) -> str:
    """Write report.md and its plots; the report's path below the repository."""
    results = results_in(folder)
    lines = ["# Ingestion, measured", "", "On one machine: the emulator, a real OpenSearch, the packaged models.", ""]
    lines += [*table(checks_in(results)), ""]
    for part in PARTS:
        if part.name not in results:
            continue
        result = results[part.name]
        lines += [f"## {part.title}", "", f"{result['date']}, `--only {part.name}`", "", *part.table(result), ""]
        lines += [f"![{part.title}]({plot.name})\n" for plot in draw(part.name, result, folder)]
    report = folder / "report.md"
    report.write_text("\n".join(lines))
    return str(report.relative_to(REPOSITORY)) if report.is_relative_to(REPOSITORY) else str(report)
