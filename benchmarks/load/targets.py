"""What heavy loads have to reach, part by part. `make bench-load` fails when a target is missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.checks import Check, Result
from docqa.models.inference import Route

TIMES_FEWER = 4.0
MOST_TIMES_THE_LEAST, MOST_AT_ONCE = 1.5, 0.25
LEAST_FAIRNESS, LATE_SECONDS = 0.9, 60.0
DOCUMENTS, LIVE_DOCUMENTS = 10_000, 500
MOST_P95_RATIO = 2.0


def checks_of(part: str, result: Result) -> list[Check]:
    """The targets of a part; none of one that is reckoned from others' figures."""
    return CHECKS[part](result)


def _calls(result: Result) -> list[Check]:
    checks = []
    for one in result["rows"]:
        times = one["one_text_a_call"] / one["calls"]
        what = f"calls for {result['texts']:,} texts, {one['model']}, {one['route']}"
        # Whose interface takes one text has no batches in real time; its batch job is a row of its own.
        if not one["takes_one_text"]:
            wanted = f"at least {TIMES_FEWER:g} times fewer than texts"
            checks.append(Check(what, wanted, f"{one['calls']:,}, {times:,.1f} times", times >= TIMES_FEWER))
    return checks


def _crossover(result: Result) -> list[Check]:
    """Every default boundary of routing."""
    return [
        Check(
            f"default of {one['parameter']}, model on {one['model_on']}",
            f"{one['least']:,} to {one['most']:,} by measured seconds",
            f"{one['default']:,}",
            one["fits"],
        )
        for one in result["boundaries"]
    ]


def _admission(result: Result) -> list[Check]:
    documents, enough = result["documents"], result["documents"] >= DOCUMENTS
    late = result["tenants"]["late"]["longest_wait"]
    on_a_route = sum(one["documents"] for one in result["routes"].values())
    return [
        Check("in flight at most", f"the cap of {result['capacity']}", str(result["peak"]), _within(result)),
        Check("documents published once", f"{documents:,}", f"{result['published_once']:,}", _all(result, enough)),
        Check("documents with a route and its reason", f"{documents:,}", f"{on_a_route:,}", on_a_route == documents),
        Check(
            "fairness among tenants that wait (Jain)",
            f"at least {LEAST_FAIRNESS:g}",
            f"{result['fairness']:.3f}",
            result["fairness"] >= LEAST_FAIRNESS,
        ),
        Check("seconds that a late tenant waits", f"below {LATE_SECONDS:g}", f"{late:g}", late < LATE_SECONDS),
    ]


def _within(result: Result) -> bool:
    return bool(result["peak"] <= result["capacity"])


def _all(result: Result, enough: bool) -> bool | None:
    done = result["published_once"] == result["documents"]
    return done if enough or not done else None


def _throttled(result: Result) -> list[Check]:
    checks = []
    for model, one in result["models"].items():
        times = one["times_the_least"]
        wanted = f"at most {MOST_TIMES_THE_LEAST:g} times the least"
        checks.append(Check(f"calls, {model}", wanted, f"{times:.2f} times", times <= MOST_TIMES_THE_LEAST))
        lost = one["not_answered_once"]
        checks.append(Check(f"requests not answered exactly once, {model}", "0", str(lost), lost == 0))
    together = result["together"]
    share = together["most_within_twentieth"] / together["refused"]
    wanted = f"at most {MOST_AT_ONCE:.0%} within a twentieth of a second"
    checks.append(
        Check("calls refused together that come back together", wanted, f"{share:.0%}", share <= MOST_AT_ONCE)
    )
    return checks


def _paper(_: Result) -> list[Check]:
    return []


def _live(result: Result) -> list[Check]:
    documents, routes = result["documents"], result["routes"]
    taken = {route for found in routes.values() for route in found}
    ratio = result["questions"]["busy"]["p95"] / result["questions"]["idle"]["p95"]
    enough = documents >= LIVE_DOCUMENTS
    indexed = result["indexed"] == documents
    return [
        Check("documents indexed", str(documents), str(result["indexed"]), indexed if enough or not indexed else None),
        Check("routes taken", ", ".join(Route), ", ".join(sorted(taken)), taken == {route.value for route in Route}),
        Check("questions without an answer", "0", str(result["failed_questions"]), result["failed_questions"] == 0),
        Check(
            "p95 of questions beside the backfill",
            f"at most {MOST_P95_RATIO:g} times idle",
            f"{ratio:.2f} times",
            ratio <= MOST_P95_RATIO,
        ),
    ]


CHECKS: Mapping[str, Callable[[Result], list[Check]]] = {
    "calls": _calls,
    "crossover": _crossover,
    "admission": _admission,
    "throttled": _throttled,
    "paper": _paper,
    "live": _live,
}
