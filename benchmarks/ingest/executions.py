"""What Step Functions knows of a load: executions, and the seconds that each stage took."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate
from typing import Any

from benchmarks.ingest.bench import Bench
from docqa import ids

History = list[dict[str, Any]]

# Between them nothing is done.
NOT_STAGES = frozenset({"NeedsExtraction?", "Indexed", "Superseded", "Failed"})


def executions_since(bench: Bench, began: float, documents: Collection[str]) -> list[dict[str, Any]]:
    """Executions of these documents that started since `began`, seconds since the epoch."""
    pages = bench.client("stepfunctions").get_paginator("list_executions")
    machine = bench.stack.output("StateMachineArn")
    listed = (one for page in pages.paginate(stateMachineArn=machine) for one in page["executions"])
    return [one for one in listed if one["startDate"].timestamp() >= began and _document(one) in documents]


def spans_of(executions: Iterable[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """From when to when each execution ran, in seconds since the epoch; for ever, if it has not ended."""
    return [
        (one["startDate"].timestamp(), stop.timestamp() if (stop := one.get("stopDate")) else math.inf)
        for one in executions
    ]


def most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """The most executions that ran at one moment: of their own times, so that none is missed between two looks."""
    # At the same moment the end comes first: the place of the one is given to the other.
    turns = sorted(turn for start, stop in spans for turn in ((start, 1), (stop, -1)))
    return max(accumulate(change for _, change in turns), default=0)


def share_in_flight(spans: Iterable[tuple[float, float]], began: float, ended: float) -> float:
    """Share of a time in which at least one execution ran."""
    covered, until = 0.0, began
    for start, stop in sorted(spans):
        covered += max(0.0, min(stop, ended) - max(start, until))
        until = max(until, min(stop, ended))
    return covered / (ended - began) if ended > began else 0.0


def running(bench: Bench) -> int:
    """Executions in flight now."""
    answer = bench.client("stepfunctions").list_executions(
        stateMachineArn=bench.stack.output("StateMachineArn"), statusFilter="RUNNING", maxResults=1000
    )
    return len(answer["executions"])


def executions_by_document(executions: Collection[dict[str, Any]]) -> Counter[str]:
    """How many executions each document had."""
    return Counter(_document(one) for one in executions)


def histories(bench: Bench, executions: Collection[Mapping[str, Any]]) -> list[History]:
    """The events of each execution, in order: a request or more each, so what is wanted of them is read once."""
    pages = bench.client("stepfunctions").get_paginator("get_execution_history")
    return [
        [event for page in pages.paginate(executionArn=one["executionArn"]) for event in page["events"]]
        for one in executions
    ]


def stage_seconds(histories: Iterable[History]) -> dict[str, float]:
    """Seconds by state of the machine, over all executions; a map counts from its first to its last iteration."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for history in histories:
        entered: dict[str, float] = {}
        for event in history:
            at = event["timestamp"].timestamp()
            if "stateEnteredEventDetails" in event:
                entered[event["stateEnteredEventDetails"]["name"]] = at
            elif "stateExitedEventDetails" in event:
                name = event["stateExitedEventDetails"]["name"]
                seconds[name] += at - entered.get(name, at)
    return {name: round(took, 2) for name, took in seconds.items() if name not in NOT_STAGES}


def failed_tasks(histories: Iterable[History]) -> Counter[str]:
    """How often tasks failed by the name of their error, those inside a Map left out: the emulator keeps none."""
    return Counter(
        event["taskFailedEventDetails"]["error"]
        for history in histories
        for event in history
        if "taskFailedEventDetails" in event
    )


def _document(execution: dict[str, Any]) -> str:
    parts = ids.execution_parts(execution["name"])
    return parts[0] if parts else ""
