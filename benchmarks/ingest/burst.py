"""Many scans at once against a small Textract quota with faults: is any lost, failed or done twice?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from benchmarks.deployed_settings import settings_of
from benchmarks.ingest.bench import Bench
from benchmarks.ingest.calls import function_calls
from benchmarks.ingest.executions import (
    executions_by_document,
    executions_since,
    failed_tasks,
    histories,
    most_at_once,
    running,
    spans_of,
    stage_seconds,
)
from benchmarks.ingest.load import Ended, Load, require_indexed
from benchmarks.ingest.material import scan_of
from benchmarks.ingest.recordings import recorded_responses
from docqa.models.document import Document

DISPATCH = "DispatchDocumentsFunction"
FAULT_SHARE = 0.05


@dataclass(frozen=True)
class Quota:
    """What Textract takes in a burst, small enough for the load to meet it both ways.

    Attributes:
        starts_per_second: More are refused, beyond as many at once.
        jobs_at_once: More are refused.
        job_seconds: How long each job takes. Jobs at once are their starts a second times this, so that with short ones
            the second quota could never be met.
        starts_together: So many of the first starts are answered at once. Two cores bring some five documents a second
            to it: without that the first quota would hardly be met.
    """

    starts_per_second: float
    jobs_at_once: int
    job_seconds: float
    starts_together: int


# Jobs of a few pages take Textract some seconds to a minute.
QUOTA = Quota(starts_per_second=10, jobs_at_once=25, job_seconds=15.0, starts_together=20)
SMALL_QUOTA = Quota(starts_per_second=4, jobs_at_once=3, job_seconds=1.0, starts_together=6)


def measure(bench: Bench, disturbed: Callable[[Load], AbstractContextManager[object]] = nullcontext) -> dict[str, Any]:
    """Drop, follow, count. More are in flight than there are jobs, so that both quotas are met.

    Args:
        bench: Where.
        disturbed: What is done to the stack from the drop until all have ended.
    """
    number, quota = bench.choices.documents, SMALL_QUOTA if bench.choices.quick else QUOTA
    watched = Timeline(bench)
    load = Load(bench)
    if not bench.choices.quick:
        _warm_up(bench)
    with (
        recorded_responses(bench.choices.recordings) as folder,
        bench.without_embedding_model(),
        settings_of(bench.stack, DISPATCH, INGEST_CAPACITY=str(bench.choices.capacity)),
        bench.textract(
            starts_per_second=quota.starts_per_second,
            jobs_at_once=quota.jobs_at_once,
            fault_share=FAULT_SHARE,
            duplicate_notifications=FAULT_SHARE,
            late_notifications=FAULT_SHARE,
            replay=str(folder),
            job_seconds=quota.job_seconds,
            starts_together=quota.starts_together,
        ),
    ):
        began = load.drop([(f"scan-{at}.pdf", scan_of(f"Receipt number {at}")) for at in range(number)])
        with disturbed(load):
            ended = load.follow(bench.choices.seconds, watched.look)
        textract = bench.textract_counts()
    executions = executions_since(bench, began, load.dropped)
    events = histories(bench, executions)
    result = {
        **outcome(ended, executions_by_document(executions), load.chunks_in_index()),
        "seconds": round(time.time() - began, 1),
        "capacity": bench.choices.capacity,
        "in_flight_most": most_at_once(spans_of(executions)),
        "textract": {name: count for name, count in textract.items() if name != "settings"},
        "textract_settings": textract["settings"],
        "failed_tasks": failed_tasks(events),
        "stages": stage_seconds(events),
        "functions": function_calls(bench, began),
        "timeline": watched.timeline,
        "not_indexed": [one.plain() for one in ended if one.status != "INDEXED"],
    }
    load.remove()
    return result


def _warm_up(bench: Bench) -> None:
    """Have a process of each function for each place, or their starts would be the pace at which jobs are started."""
    load = Load(bench)
    with (
        recorded_responses(bench.choices.recordings) as folder,
        bench.without_embedding_model(),
        settings_of(bench.stack, DISPATCH, INGEST_CAPACITY=str(bench.choices.capacity)),
        bench.textract(replay=str(folder)),
    ):
        load.drop((f"warm-up-{at}.pdf", scan_of(f"Warm-up {at}")) for at in range(bench.choices.capacity))
        require_indexed(load.follow(bench.choices.seconds))
    load.remove()


class Timeline:
    """Looks at the executions whenever the registry is looked at, for the plot.

    Attributes:
        timeline: Seconds since the first look, executions in flight, documents by status.
    """

    def __init__(self, bench: Bench) -> None:
        self.timeline: list[dict[str, Any]] = []
        self._bench = bench
        self._began = time.monotonic()

    def look(self, documents: Mapping[str, Document]) -> None:
        """Note what there is now."""
        by_status = Counter(document.status.value for document in documents.values())
        self.timeline.append(
            {"at": round(time.monotonic() - self._began, 1), "in_flight": running(self._bench), **by_status}
        )


def outcome(ended: Sequence[Ended], executions: Mapping[str, int], chunks: Mapping[str, int]) -> dict[str, Any]:
    """Counts of what the load must show; a load that lost nothing has zeros below `indexed`.

    A document may have had several executions: each but the last must be on record as one that came to nothing.
    """
    statuses = Counter(one.status for one in ended)
    return {
        "documents": len(ended),
        "indexed": statuses["INDEXED"],
        "lost": sum(one.seconds is None for one in ended),
        "failed": statuses["FAILED"],
        "partially_indexed": statuses["PARTIALLY_INDEXED"],
        "duplicate_executions": sum(max(0, executions.get(one.document_id, 0) - 1 - one.tries) for one in ended),
        "documents_with_other_chunks": sum(
            chunks.get(one.document_id, 0) != one.chunks for one in ended if one.status == "INDEXED"
        ),
    }


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    textract, settings = result["textract"], result["textract_settings"]
    facts = {
        "INDEXED": f"{result['indexed']} of {result['documents']}",
        "lost, failed, partly indexed": f"{result['lost']}, {result['failed']}, {result['partially_indexed']}",
        "executions too many": result["duplicate_executions"],
        "documents with more or fewer chunks than recorded": result["documents_with_other_chunks"],
        "in flight at most, cap": f"{result['in_flight_most']}, {result['capacity']}",
        "jobs at Textract at most": textract["jobs_at_once_max"],
        "starts, refused by rate, by jobs, faults": ", ".join(
            str(textract[name]) for name in ("starts", "refused_by_rate", "refused_by_jobs", "faults")
        ),
        "seconds": f"{result['seconds']:.0f}",
    }
    stages = ", ".join(f"{name} {seconds:.0f}" for name, seconds in result["stages"].items())
    return [
        f"{result['documents']} scans dropped at once. Textract: {settings['starts_per_second']:g} starts a second,",
        f"{settings['jobs_at_once']} jobs of {settings['job_seconds']:g} s at once;",
        f"{settings['fault_share']:.0%} of its calls fail, and as many notifications come twice or late.",
        "Recorded responses stand in for OCR, vectors are made of hashes.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {what} | {value} |" for what, value in facts.items()),
        "",
        f"Seconds by stage, over all documents: {stages}.",
        "",
        "| function | calls a document | seconds a call | calls of more than a second |",
        "|---|---|---|---|",
        *(_row(name, one, result["documents"]) for name, one in result["functions"].items()),
    ]


def _row(name: str, one: Mapping[str, Any], documents: int) -> str:
    return f"| {name} | {one['calls'] / documents:.1f} | {one['seconds'] / one['calls']:.2f} | {one['slow']} |"
