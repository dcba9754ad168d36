"""10,000 documents of five tenants at once: how many are in flight, who waits how long, and on which way each goes."""

from __future__ import annotations

import random
from collections import Counter
from statistics import median
from typing import Any

from benchmarks.load import assumed, defaults
from benchmarks.load.stack_in_memory import Pace, StackInMemory
from docqa.domain.routing import Offer
from docqa.models.inference import JobLimits, Route

DOCUMENTS = 10_000
# The one with the backlog, and four that are crowded by it; the last one comes while documents of the first still wait.
SHARES = {"backlog": 9_000, "large": 600, "middle": 300, "small": 99, "late": 1}
LATE_SECONDS = 600.0
# Of 100 documents so many have up to so many passages; the counted one of ten pages has 21.
SIZES = ((80, 5, 200), (15, 200, 2_000), (4, 2_001, 19_999), (1, 20_000, 40_000))
# 36 passages a second (docs/decisions/0040), of 10 pages a second to read and 900 passages a second to index.
PACE = {"read": 2.0, "passage": 1 / 36, "index": 1 / 900}
SEED = 6


def measure() -> dict[str, Any]:
    """All documents dropped at once, with the template's default boundaries, capacity and prices of starting jobs."""
    stack = stack_of_defaults()
    chance = random.Random(SEED)  # noqa: S311 - a load, no secret
    for tenant, documents in SHARES.items():
        if tenant != "late":
            for number in range(documents):
                stack.drop(f"{tenant}/{number:05d}.pdf", _passages(chance))
    began = stack.clock.now()
    stack.after(LATE_SECONDS, lambda: stack.drop("late/00000.pdf", 21))
    stack.passages["late/00000.pdf"] = 21
    stack.run()
    found = stack.room.generations.values()
    crowd = [tenant for tenant in SHARES if tenant != "late"]
    until = min(_last_start(stack, tenant) for tenant in crowd)
    held = {tenant: place_seconds(stack.spans, tenant, began, until) for tenant in crowd}
    return {
        "documents": len(stack.passages),
        "capacity": stack.capacity,
        "peak": stack.peak,
        "published_once": sum(times == 1 for times in stack.published.values()),
        "executions": stack.executions.total(),
        "most_executions": max(stack.executions.values()),
        "jobs": {route.value: number for route, number in stack.jobs.items()},
        "hours": round((stack.clock.now() - began) / 3600, 2),
        "fairness": round(jain(list(held.values())), 4),
        "fairness_seconds": round(until - began),
        "tenants": {tenant: _tenant(stack, tenant) for tenant in SHARES},
        "routes": {
            route.value: {
                "documents": len(of_route),
                "passages": sum(one.chunks for one in of_route),
                "why": Counter(_kind(one.route_reason) for one in of_route).most_common(),
            }
            for route in Route
            if (of_route := [one for one in found if one.route == route.value])
        },
    }


def stack_of_defaults() -> StackInMemory:
    """Everything is set up beside real time."""
    gather = defaults.parameter("BatchGatherSeconds")
    start, alarm = assumed.seconds("start"), assumed.seconds("alarm")
    offers = (
        Offer(Route.ASYNCHRONOUS, JobLimits(1, 32_000, 22_800.0), defaults.parameter("WakingUsd")),
        Offer(Route.BATCH, JobLimits(1, 100_000, 24 * 3600.0), defaults.parameter("TransformUsd")),
    )
    wake = {Route.ASYNCHRONOUS: alarm + start, Route.BATCH: start}
    return StackInMemory(
        int(defaults.parameter("IngestCapacity")),
        defaults.passage_boundaries(),
        offers,
        defaults.parameter("EmbedWithinSeconds"),
        Pace(PACE["read"], PACE["passage"], PACE["index"], wake, gather),
    )


def jain(values: list[float]) -> float:
    """Jain's index of fairness: 1 when all get the same, 1/n when one gets everything."""
    return sum(values) ** 2 / (len(values) * sum(value * value for value in values))


def place_seconds(spans: list[tuple[str, float, float]], tenant: str, since: float, until: float) -> float:
    """Seconds of places that executions of the tenant held between two moments."""
    mine = ((first, last) for whose, first, last in spans if whose == tenant)
    return sum(max(0.0, min(last, until) - max(first, since)) for first, last in mine)


def _last_start(stack: StackInMemory, tenant: str) -> float:
    """When the last of its documents got a place: from then on none of them waited."""
    mine = (one.document_id for one in stack.room.generations.values() if one.tenant == tenant)
    return max(stack.first_start[one] for one in mine)


def _passages(chance: random.Random) -> int:
    shares = [share for share, _, _ in SIZES]
    _, least, most = chance.choices(SIZES, shares)[0]
    return chance.randint(least, most)


def _tenant(stack: StackInMemory, tenant: str) -> dict[str, Any]:
    mine = [one for one in stack.room.generations.values() if one.tenant == tenant]
    waits = [stack.first_start[one.document_id] - one.received_at for one in mine]
    return {
        "documents": len(mine),
        "first_wait": round(min(waits), 1),
        "median_wait": round(median(waits), 1),
        "longest_wait": round(max(waits), 1),
        "done_hours": round(max(one.ended_at - one.received_at for one in mine) / 3600, 2),
    }


def _kind(reason: str) -> str:
    """Reasons without their numbers."""
    if "wait behind it" in reason:
        return "others wait"
    return "its size"


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    tenants = [
        f"| {name} | {one['documents']:,} | {one['first_wait']:,.0f} | {one['median_wait']:,.0f} "
        f"| {one['longest_wait']:,.0f} | {one['done_hours']:.2f} |"
        for name, one in result["tenants"].items()
    ]
    routes = [
        f"| {name} | {one['documents']:,} | {one['passages']:,} | {result['jobs'].get(name, 0):,} "
        f"| {', '.join(f'{kind} {number:,}' for kind, number in one['why'])} |"
        for name, one in result["routes"].items()
    ]
    return [
        f"{result['documents']:,} documents through the shipped dispatch and routing, on a clock of the",
        f"benchmark's: {result['capacity']} places (`IngestCapacity`), of which at most {result['peak']} were taken,",
        f"{result['hours']} hours. As long as documents of all four tenants waited ({result['fairness_seconds']:,} s),",
        f"the places that they held had a fairness index of {result['fairness']:.3f}",
        "(Jain: 1 is an equal share, 0.25 would be one tenant with all).",
        "Jobs do not wait for each other here.",
        "",
        "| tenant | documents | first waits, s | median waits, s | last waits, s | done after, h |",
        "|---|---|---|---|---|---|",
        *tenants,
        "",
        "| route | documents | passages | jobs | because of |",
        "|---|---|---|---|---|",
        *routes,
    ]
