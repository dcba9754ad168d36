"""Where which route is the cheapest, how long it takes, and whether the template's boundaries fit."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.count_calls import COUNTED
from benchmarks.load import assumed, defaults, instance_seconds, quotas
from benchmarks.load import route_costs as costs
from benchmarks.load.boundaries import judged
from benchmarks.load.counted_jobs import CHAT, EMBEDDING, PASSAGE, PROMPT
from benchmarks.load.route_costs import Estimate, Work
from docqa.domain.pricing import instance_hours_usd

SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
UTILISATIONS = (0.1, 0.3, 0.5, 0.7)
OTHER_INSTANCES = ("ml.g5.xlarge", "ml.g5.2xlarge")
# Two spans are embedded side by side, each in a function of half a gigabyte; answers are awaited in one of a gigabyte.
EMBEDDING_GIGABYTES, ANSWERING_GIGABYTES = 1.0, 1.0


def measure(model: Path) -> dict[str, Any]:
    """Both kinds of records, for both places where models may be.

    Args:
        model: Folder of the embedding model whose seconds are measured.
    """
    works = [passages(instance_seconds.of_passage(model)), prompts(instance_seconds.of_prompt())]
    instance = str(assumed.assumptions()["instance_type"])
    return {
        "instance": {"type": instance, "usd_an_hour": instance_hours_usd(instance, 1), "cores_here": os.cpu_count()},
        "seconds": {work.record: round(work.seconds, 4) for work in works},
        "loads": {work.name: [load(work, size) for size in SIZES] for work in works},
        "crossovers": {work.name: crossovers(work) for work in works},
        "pieces_awake": pieces_awake(),
        "starts": [starts(one) for one in (instance, *OTHER_INSTANCES)] + [default_starts()],
        "boundaries": [row for work in works for row in judged(work)],
    }


def passages(seconds: float) -> Work:
    """Embedding, with Titan on Bedrock."""
    return Work(
        "embedding",
        "passage",
        seconds,
        assumed.number("passage_tokens"),
        0.0,
        "amazon.titan-embed-text-v2:0",
        EMBEDDING_GIGABYTES,
        quotas.quotas()["titan_tokens_per_minute"].a_second,
        defaults.parameter("BatchGatherSeconds"),
        {route: costs.counted_requests(jobs, PASSAGE) for route, jobs in EMBEDDING.items()},
    )


def prompts(seconds: float) -> Work:
    """Answering, with Nova Lite on Bedrock; a batch of questions is a job by itself and waits for nobody."""
    usage = json.loads(COUNTED.read_text("utf-8"))["per_question"]["usage"]
    return Work(
        "answering",
        "prompt",
        seconds,
        usage["input_tokens"],
        usage["output_tokens"],
        "amazon.nova-lite-v1:0",
        ANSWERING_GIGABYTES,
        quotas.quotas()["nova_lite_tokens_per_minute"].a_second,
        0.0,
        {route: costs.counted_requests(jobs, PROMPT) for route, jobs in CHAT.items()},
    )


def ways(work: Work) -> dict[str, Callable[[int], Estimate]]:
    """Every route by its name; real time on an own endpoint once for each utilisation."""
    own: dict[str, Callable[[int], Estimate]] = {
        _realtime(utilisation): lambda records, share=utilisation: costs.realtime(work, records, share)  # type: ignore[misc]
        for utilisation in UTILISATIONS
    }
    return {
        "real time, paid anyway": lambda records: costs.realtime(work, records, None),
        **own,
        "asynchronous": lambda records: costs.asynchronous(work, records),
        "batch transform": lambda records: costs.transform(work, records),
        "Bedrock": lambda records: costs.bedrock(work, records),
        "Bedrock batch": lambda records: costs.bedrock_batch(work, records),
    }


def load(work: Work, records: int) -> dict[str, Any]:
    """What so many records cost, and how long they take, on every route."""
    estimates = {name: way(records) for name, way in ways(work).items()}
    found = {name: {"usd": round(one.usd, 6), "seconds": round(one.seconds, 1)} for name, one in estimates.items()}
    return {
        "records": records,
        "routes": found,
        "cheapest_own": min(_AT_THIRTY, key=lambda name: estimates[name].usd),
    }


def crossovers(work: Work) -> list[dict[str, Any]]:
    """From how many records on another route costs less than real time."""
    by_name = ways(work)
    rows = [
        {
            "instead_of": _realtime(utilisation),
            "utilisation": utilisation,
            **{
                name: costs.first_cheaper(by_name[_realtime(utilisation)], by_name[name])
                for name in ("asynchronous", "batch transform")
            },
        }
        for utilisation in UTILISATIONS
    ]
    batch = costs.first_cheaper(by_name["Bedrock"], by_name["Bedrock batch"])
    return [*rows, {"instead_of": "Bedrock", "utilisation": None, "Bedrock batch": batch}]


def starts(instance: str) -> dict[str, Any]:
    """What it costs to start an instance for a job, and to have it wait for more before it stops."""
    start, idle = assumed.seconds("start"), assumed.seconds("idle")
    return {
        "instance": instance,
        "waking_usd": round(instance_hours_usd(instance, (start + idle) / costs.HOUR), 4),
        "transform_usd": round(instance_hours_usd(instance, start / costs.HOUR), 4),
    }


def default_starts() -> dict[str, Any]:
    """What routing takes them to be."""
    named = {"waking_usd": defaults.parameter("WakingUsd"), "transform_usd": defaults.parameter("TransformUsd")}
    return {"instance": "default", **named}


def pieces_awake() -> int:
    """So many pieces that share a waking pay less for instances than each of them for a transform job's start."""
    return math.floor((assumed.seconds("start") + assumed.seconds("idle")) / assumed.seconds("start")) + 1


def _realtime(utilisation: float) -> str:
    return f"real time at {utilisation:.0%}"


_AT_THIRTY = (_realtime(0.3), "asynchronous", "batch transform")


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    instance = result["instance"]
    lines = [
        f"Own models on one {instance['type']} ({instance['usd_an_hour']:.3f} USD an hour), taken to be as fast as the",
        f"machine of the measurement ({instance['cores_here']} cores); endpoints at the utilisation that is named.",
        "Seconds of work: "
        + ", ".join(f"{seconds:.4f} a {record}" for record, seconds in result["seconds"].items())
        + ". USD / seconds to the last result:",
    ]
    for name, loads in result["loads"].items():
        lines += ["", *_loads(name, loads), "", *_crossovers(result["crossovers"][name])]
    return [
        *lines,
        "",
        f"A waking costs less than transform jobs from {result['pieces_awake']} pieces on that come one after another",
        "while the asynchronous endpoint is awake: that is where it is the cheapest.",
        "",
        *_boundaries(result["boundaries"]),
        "",
        _proposed(result["boundaries"]),
        "",
        *_starts(result["starts"]),
    ]


def _loads(name: str, loads: list[dict[str, Any]]) -> list[str]:
    shown = ("real time, paid anyway", *_AT_THIRTY, "Bedrock", "Bedrock batch")
    rows = []
    for one in loads:
        cells = [f"{one['routes'][way]['usd']:.4f} / {_time(one['routes'][way]['seconds'])}" for way in shown]
        rows.append(f"| {one['records']:,} | {' | '.join(cells)} | {one['cheapest_own']} |")
    head = f"| {name} | {' | '.join(shown)} | cheapest on own instances, at 30% |"
    return [head, "|---" * (len(shown) + 2) + "|", *rows]


def _crossovers(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["| cheaper than | asynchronous from | batch transform from | Bedrock batch from |", "|---|---|---|---|"]
    for one in rows:
        cells = (one.get(way, "") for way in ("asynchronous", "batch transform", "Bedrock batch"))
        lines.append(f"| {one['instead_of']} | {' | '.join(_number(cell) for cell in cells)} |")
    return lines


def _boundaries(rows: list[dict[str, Any]]) -> list[str]:
    return [
        "| parameter | model on | default | by measure | reasonable | |",
        "|---|---|---|---|---|---|",
        *(_boundary(one) for one in rows),
    ]


def _proposed(rows: list[dict[str, Any]]) -> str:
    """In one sentence, what to set."""
    others = [f"`{one['parameter']}` {one['measured']:,} ({one['model_on']})" for one in rows if not one["fits"]]
    if not others:
        return "Every default fits."
    return f"Proposed where the default does not fit: {', '.join(others)}. The other defaults stay."


def _starts(rows: list[dict[str, Any]]) -> list[str]:
    return [
        "| instance type | to wake and to fall asleep, USD (`WakingUsd`) | to start a job, USD (`TransformUsd`) |",
        "|---|---|---|",
        *(f"| {one['instance']} | {one['waking_usd']:.3f} | {one['transform_usd']:.3f} |" for one in rows),
    ]


def _boundary(one: dict[str, Any]) -> str:
    verdict = "fits" if one["fits"] else "does not fit"
    measured = f"{one['measured']:,} | {one['least']:,} to {one['most']:,}"
    return f"| `{one['parameter']}` | {one['model_on']} | {one['default']:,} | {measured} | {verdict}: {one['why']} |"


def _number(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else "never" if cell is None else str(cell)


def _time(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < costs.HOUR else f"{seconds / costs.HOUR:,.1f} h"
