"""The parts of the measurement, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.ingest import burst, cost, files, questions, receipts, sizes, speed
from benchmarks.ingest.bench import Bench

Result = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One part: what it is called, how it measures, how it is shown.

    Attributes:
        needs_data: It makes no sense without the folder of real files.
    """

    name: str
    title: str
    measure: Callable[[Bench], Result]
    table: Callable[[Result], list[str]]
    needs_data: bool = False


PARTS = (
    Part("speed", "Pages a second", speed.measure, speed.table),
    Part("sizes", "Size of a document", sizes.measure, sizes.table),
    Part("cost", "Cost of 1,000 pages", cost.measure, cost.table),
    Part("burst", "Many at once against a small quota", burst.measure, burst.table),
    Part("questions", "Questions meanwhile", questions.measure, questions.table),
    Part("receipts", "From the OCR engine to the passage", receipts.measure, receipts.table, needs_data=True),
    Part("files", "Every odd file", files.measure, files.table, needs_data=True),
)
