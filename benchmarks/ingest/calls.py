"""How often each function was called and how long it took, from the emulator's logs."""

from __future__ import annotations

import re
from typing import Any

from benchmarks.count_calls import log_groups
from benchmarks.ingest.bench import Bench

REPORT = re.compile(r"Billed Duration: (?P<ms>[\d.]+) ms")
# More than this is the start of a process, not work of these small functions.
START_SECONDS = 1.0


def function_calls(bench: Bench, began: float) -> dict[str, dict[str, Any]]:
    """Calls and seconds since `began` (seconds since the epoch) by function; the busiest first.

    `slow` counts calls of more than a second: mostly those that had to start a process first.
    """
    logs, found = bench.client("logs"), {}
    for group in log_groups(bench.stack):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=int(began * 1000))
        reports = (REPORT.search(event["message"]) for page in pages for event in page["events"])
        took = [float(report["ms"]) / 1000 for report in reports if report]
        if took:
            found[group.rsplit("/", 1)[-1]] = {
                "calls": len(took),
                "seconds": round(sum(took), 2),
                "slow": sum(seconds > START_SECONDS for seconds in took),
            }
    return dict(sorted(found.items(), key=lambda item: -item[1]["seconds"]))
