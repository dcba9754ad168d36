"""The boundaries of routing that follow from measured seconds, beside those that hold by default.

- Real time ends where a batch job becomes cheaper, were the endpoint paid by the load: at a utilisation of 30 %, with
  10 and 50 % as what is reasonable.
- A single piece is a batch where that takes at most half as long again as the asynchronous endpoint, which wakes
  sooner.
- Waiting pieces are a batch together where all of them are worth the start of one.
- On Bedrock nothing is woken; what is shared with people is the quota, of which a piece should take a minute at most.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from benchmarks.count_calls import COUNTED
from benchmarks.load import assumed, defaults
from benchmarks.load import route_costs as costs
from benchmarks.load.defaults import BEDROCK, OWN_ENDPOINT
from benchmarks.load.route_costs import Work

USUAL, LEAST, MOST = 0.3, 0.1, 0.5
LONGER = 0.5
# A batch of questions that is none by itself.
SMALL_BATCH = 10
# Half and twice: seconds of another instance type differ by more.
TOLERANCE = 2.0


@dataclass(frozen=True)
class Measured:
    """A boundary, and what is reasonable around it."""

    value: int
    least: int
    most: int
    why: str


def judged(work: Work) -> list[dict[str, Any]]:
    """Each parameter of the kind of work with its default, and what the measured seconds say."""
    if work.record == "prompt":
        realtime, batch, waiting = "RealtimePrompts", "BatchPrompts", "BatchesTogether"
        pieces = SMALL_BATCH
    else:
        realtime, batch, waiting = "RealtimePassages", "BatchPassages", "BatchDocuments"
        pieces = int(_counted()["per_document"]["passages"])
    return [
        _row(realtime, OWN_ENDPOINT, realtime_records(work)),
        _row(realtime, BEDROCK, within_quota(work)),
        _row(batch, OWN_ENDPOINT, batch_records(work)),
        _row(waiting, OWN_ENDPOINT, batch_waiting(work, pieces)),
    ]


def realtime_records(work: Work) -> Measured:
    """From so many on, a batch job costs less."""
    at = {share: _dearer_from(work, share) for share in (USUAL, LEAST, MOST)}
    seconds = at[USUAL] * work.seconds
    why = f"from here on a batch job is cheaper than an endpoint at {USUAL:.0%} ({LEAST:.0%}, {MOST:.0%})"
    return Measured(at[USUAL], at[LEAST], at[MOST], f"{why}; questions wait {seconds:,.0f} s at most")


def within_quota(work: Work) -> Measured:
    """So many are a minute of Bedrock's quota."""
    minute = 60 * work.tokens_a_second / (work.input_tokens + work.output_tokens)
    why = "a minute of the quota that people's questions share (half of one, two)"
    return Measured(round(minute), round(minute / TOLERANCE), round(minute * TOLERANCE), why)


def batch_records(work: Work) -> Measured:
    """From so many on, a batch takes at most half as long again as the asynchronous endpoint."""
    start, alarm = assumed.seconds("start"), assumed.seconds("alarm")
    later = work.gather_seconds - alarm
    if later <= 0:
        at_once = realtime_records(work)
        why = "it gathers nobody, so that it is sooner than waking an endpoint, and costs less: where real time ends"
        return Measured(at_once.value, at_once.least, at_once.most, why)
    value = max(1, round((later / LONGER - (alarm + start)) / work.seconds))
    why = f"from here on a batch, which costs less, takes at most {LONGER:.0%} longer than waking (half, twice)"
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


def _row(name: str, model_on: str, measured: Measured) -> dict[str, Any]:
    default = defaults.boundary(name, model_on)
    return {
        "parameter": name,
        "model_on": model_on,
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
