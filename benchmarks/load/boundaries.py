"""The boundaries of routing that follow from measured seconds, beside the template's defaults.

- Real time ends where a batch job becomes cheaper, were the endpoint paid by the load: at a utilisation of 30 %, with 10
  and 50 % as what is reasonable.
- A single piece is a batch where that takes at most half as long again as the asynchronous endpoint, which wakes sooner.
- Waiting pieces are a batch together where all of them are worth the start of one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.count_calls import COUNTED
from benchmarks.load import assumed, defaults
from benchmarks.load import route_costs as costs
from benchmarks.load.route_costs import Work

USUAL, LEAST, MOST = 0.3, 0.1, 0.5
LONGER = 0.5
# Half and twice: seconds of another instance type differ by more.
TOLERANCE = 2.0


@dataclass(frozen=True)
class Measured:
    """A boundary, and what is reasonable around it."""

    value: int
    least: int
    most: int
    why: str


def judged(work: Work, utilisations: Sequence[float]) -> list[dict[str, Any]]:
    """Each parameter of the kind of work with its default, and what the measured seconds say."""
    if missing := {USUAL, LEAST, MOST} - set(utilisations):
        raise ValueError(f"crossovers are wanted at {sorted(missing)}, too")
    names = ("RealtimePassages", "BatchPassages", "BatchDocuments")
    pieces = int(_counted()["per_document"]["passages"])
    if work.record == "prompt":
        names, pieces = ("RealtimePrompts", "BatchPrompts", "BatchesTogether"), int(defaults.parameter("BatchPrompts"))
    measured = (realtime_records(work), batch_records(work), batch_waiting(work, pieces))
    return [_row(name, int(defaults.parameter(name)), one) for name, one in zip(names, measured, strict=True)]


def realtime_records(work: Work) -> Measured:
    """From so many on, a batch job costs less."""
    at = {share: _dearer_from(work, share) for share in (USUAL, LEAST, MOST)}
    seconds = at[USUAL] * work.seconds
    why = f"from here on a batch job is cheaper than an endpoint at {USUAL:.0%} ({LEAST:.0%}, {MOST:.0%}); questions wait "
    return Measured(at[USUAL], at[LEAST], at[MOST], f"{why}{seconds:,.0f} s at most")


def batch_records(work: Work) -> Measured:
    """From so many on, a batch takes at most half as long again as the asynchronous endpoint."""
    start, alarm = assumed.seconds("start"), assumed.seconds("alarm")
    later = work.gather_seconds - alarm
    busy = later / LONGER - (alarm + start)
    value = max(1, round(busy / work.seconds))
    why = f"from here on a batch, which costs less, takes at most {LONGER:.0%} longer than waking an endpoint"
    if later <= 0:
        why = "it waits for nobody, so that it is sooner than waking an endpoint whatever its size"
        return Measured(1, 1, _dearer_from(work, MOST), why)
    return Measured(value, round(value / TOLERANCE), round(value * TOLERANCE), why)


def batch_waiting(work: Work, pieces: int) -> Measured:
    """So many pieces of this size are together worth the start of a job."""
    at = {share: -(-_dearer_from(work, share) // pieces) for share in (USUAL, LEAST, MOST)}
    return Measured(at[USUAL], at[LEAST], at[MOST], f"pieces of {pieces:,} {work.record}s")


def _dearer_from(work: Work, utilisation: float) -> int:
    found = costs.first_cheaper(
        lambda records: costs.realtime(work, records, utilisation), lambda records: costs.transform(work, records)
    )
    return found or costs.MOST_RECORDS


def _row(name: str, default: int, measured: Measured) -> dict[str, Any]:
    return {
        "parameter": name,
        "default": default,
        "measured": measured.value,
        "least": measured.least,
        "most": measured.most,
        "fits": measured.least <= default <= measured.most,
        "why": measured.why,
    }


def _counted() -> dict[str, Any]:
    counted: dict[str, Any] = json.loads(COUNTED.read_text("utf-8"))
    return counted
