"""Memory, time, history events and transitions by the size of a document."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.ingest import history
from benchmarks.ingest.bench import Bench
from benchmarks.ingest.executions import executions_since, histories, stage_seconds
from benchmarks.ingest.load import Load, require_indexed
from benchmarks.ingest.material import pdf_of
from benchmarks.ingest.memory import FunctionMemory

MEGABYTE = 2**20
# Below, what every document costs hides what a page costs.
LINEAR_FROM = 100


def measure(bench: Bench) -> dict[str, Any]:
    """One document a size, the smallest first. Without the embedding model: its time is linear and would hide ours."""
    sizes = []
    with bench.without_embedding_model():
        for pages in bench.choices.sizes:
            bench.say(f"  {pages} pages")
            sizes.append(_one(bench, pages))
    return {"sizes": sizes, "worst_deviation": deviation([(one["pages"], one["seconds"]) for one in sizes])}


def deviation(measured: list[tuple[int, float]]) -> float | None:
    """The largest relative distance from the straight line through the sizes from LINEAR_FROM pages on.

    A line weighted by the sizes' own seconds, so that each size counts alike. None with fewer than three sizes.
    """
    large = [(pages, seconds) for pages, seconds in measured if pages >= LINEAR_FROM]
    if len(large) < len(("start", "middle", "end")):
        return None
    pages, seconds = np.array([one[0] for one in large], float), np.array([one[1] for one in large])
    slope, start = np.polyfit(pages, seconds, 1, w=1 / seconds)
    return round(float(np.max(np.abs(start + slope * pages - seconds) / seconds)), 3)


def _one(bench: Bench, pages: int) -> dict[str, Any]:
    content = pdf_of(pages)
    load = Load(bench)
    with FunctionMemory(bench.emulator) as memory:
        began = load.drop([(f"{pages}-pages.pdf", content)])
        ended = load.follow(bench.choices.seconds)
    require_indexed(ended)
    executions = executions_since(bench, began, load.dropped)
    stages = stage_seconds(histories(bench, executions))
    load.remove()
    counted = history.of_document(ended[0].pages, ended[0].chunks)
    return {
        "pages": ended[0].pages,
        "bytes": len(content),
        "chunks": ended[0].chunks,
        "seconds": ended[0].seconds,
        "stages": stages,
        "executions": len(executions),
        "history_events": counted.events,
        "transitions": counted.transitions,
        "peak_megabytes": {name: round(held / MEGABYTE) for name, held in sorted(memory.peaks.items())},
    }


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    rows = [
        "Generated born-digital PDFs of about 3,000 characters a page, one at a time, without the embedding model.",
        "Memory: the most that a function's process and its children held together, seen ten times a second.",
        "",
        "| pages | chunks | seconds | largest function | MB | history events | transitions |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in result["sizes"]:
        peaks = one["peak_megabytes"]
        largest = max(peaks, key=lambda name: peaks[name])
        rows.append(
            f"| {one['pages']:,} | {one['chunks']:,} | {one['seconds']:.1f} | {largest} | {peaks[largest]} "
            f"| {one['history_events']:,} | {one['transitions']:,} |"
        )
    if result["worst_deviation"] is not None:
        rows += [
            "",
            f"From {LINEAR_FROM} pages on, no size is further than {result['worst_deviation']:.0%} from a line.",
        ]
    return rows
