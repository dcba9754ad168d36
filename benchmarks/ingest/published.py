"""The figures of ingestion that are published: published.json, and the README's table that `make docs` makes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.checks import table
from benchmarks.ingest import history, targets
from benchmarks.ingest.parts import PARTS
from evaluation import published as answers

PUBLISHED = Path(__file__).with_name("published.json")
BEGIN, END = "<!-- ingestion: written by make docs -->", "<!-- /ingestion -->"
# What no table of the README needs: long lists, and what differs from machine to machine.
LEFT_OUT = frozenset(
    {"timeline", "files", "receipts", "functions", "stages", "calls", "lines", "lambda", "not_indexed", "choices"}
)


def publish(results: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep these figures in the repository, beside those of parts that were not measured this time."""
    known = json.loads(PUBLISHED.read_text("utf-8")) | {name: _kept(result) for name, result in results.items()}
    ordered = {part.name: known[part.name] for part in PARTS if part.name in known}
    PUBLISHED.write_text(json.dumps(ordered, indent=2) + "\n", "utf-8")


def _kept(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _kept(one) for name, one in value.items() if name not in LEFT_OUT}
    return [_kept(one) for one in value] if isinstance(value, list) else value


def pages() -> dict[str, str]:
    """The README with its table, as the tables of answers leave it."""
    before, _, rest = answers.pages()["README.md"].partition(BEGIN)
    _, _, after = rest.partition(END)
    known = json.loads(PUBLISHED.read_text("utf-8"))
    return {"README.md": "\n".join([before + BEGIN, *readme_lines(known), END + after])}


def readme_lines(known: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Targets with what was measured, and the sizes of documents."""
    checks = [
        (f"{part.name}, {known[part.name]['date']}", check)
        for part in PARTS
        if part.name in known
        for check in targets.checks_of(part.name, known[part.name])
    ]
    missing = [part.name for part in PARTS if part.name not in known]
    lines = table(checks)
    if missing:
        lines += ["", f"Not published yet: {', '.join(missing)}."]
    return lines if "sizes" not in known else [*lines, "", *_sizes(known["sizes"])]


def _sizes(result: Mapping[str, Any]) -> list[str]:
    """Events and transitions are counted on the definition as it is now."""
    rows = []
    for one in result["sizes"]:
        counted = history.of_document(one["pages"], one["chunks"])
        memory = max(one["peak_megabytes"].values())
        rows.append(
            f"| {one['pages']:,} | {one['chunks']:,} | {one['seconds']:.1f} | {memory} "
            f"| {counted.events:,} | {counted.transitions:,} |"
        )
    return [
        "| pages | passages | seconds | MB | history events | transitions |",
        "|---|---|---|---|---|---|",
        *rows,
    ]
