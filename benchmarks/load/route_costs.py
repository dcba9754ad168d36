"""What a load costs and how long it takes on each route: counted requests, instance seconds, dated prices.

An instance is paid while it starts, works and waits to be stopped. What a real-time endpoint costs a load depends on
how busy it is otherwise: at a utilisation of 0.3 each second of work carries the price of three and a third. Where
people's questions pay for the endpoint anyway, a load costs it nothing, and only their waiting speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from json import loads
from typing import Any

from benchmarks.load import assumed
from benchmarks.load.counted_jobs import CountedJob, JobsOver, count
from docqa.domain.pricing import instance_hours_usd, tokens_usd

HOUR = 3600.0
# More transitions of an execution that goes on after a job (docs/decisions/0040).
MORE_TRANSITIONS = 4
# Of the smaller of two jobs; an asynchronous one takes at most a thousand prompts.
COUNTED_RECORDS = 480
MOST_RECORDS = 10_000_000


@dataclass(frozen=True)
class Line:
    """Requests that grow with the records of a job.

    Attributes:
        fixed: What any job takes.
        each: What a record adds.
    """

    fixed: float
    each: float

    def at(self, records: int) -> float:
        """For so many records."""
        return self.fixed + self.each * records


@dataclass(frozen=True)
class Requests:
    """To the bucket, of a job."""

    writes: Line
    reads: Line

    def usd(self, records: int) -> float:
        """At S3's prices."""
        prices = _prices()["infrastructure"]
        writes = self.writes.at(records) * prices["s3_per_thousand_writes"]
        return float(writes + self.reads.at(records) * prices["s3_per_thousand_reads"]) / 1_000


@dataclass(frozen=True)
class Work:
    """One kind of record.

    Attributes:
        seconds: That an instance works on one.
        input_tokens, output_tokens: On Bedrock.
        model: On Bedrock.
        waiting_gigabytes: Memory of the functions that wait for real-time answers.
        tokens_a_second: Bedrock's quota.
        gather_seconds: How long a batch waits for others to join.
        requests: Of each job route, by its name.
    """

    name: str
    record: str
    seconds: float
    input_tokens: float
    output_tokens: float
    model: str
    waiting_gigabytes: float
    tokens_a_second: float
    gather_seconds: float
    requests: dict[str, Requests]


@dataclass(frozen=True)
class Estimate:
    """Of a load on a route; `seconds`: until the last result."""

    usd: float
    seconds: float


def counted_requests(jobs: JobsOver, value: Any) -> Requests:
    """What a job asks of the bucket, from jobs of so many records and of twice as many."""
    one, two = (count(jobs, value, COUNTED_RECORDS * times) for times in (1, 2))

    def line(of: Callable[[CountedJob], int]) -> Line:
        each = (of(two) - of(one)) / COUNTED_RECORDS
        return Line(of(one) - each * COUNTED_RECORDS, each)

    return Requests(line(lambda job: job.writes), line(lambda job: job.reads))


def realtime(work: Work, records: int, utilisation: float | None) -> Estimate:
    """On an endpoint of one's own.

    Args:
        work: Kind of record.
        records: How many.
        utilisation: Share of the hours in which its instance works; None: it is paid for by others anyway.
    """
    busy = records * work.seconds
    endpoint = 0.0 if utilisation is None else _instance_usd(busy / utilisation)
    return Estimate(endpoint + _waiting_usd(work, busy), busy)


def asynchronous(work: Work, records: int) -> Estimate:
    """By an endpoint that sleeps, and is woken for it."""
    start, busy = assumed.seconds("start"), records * work.seconds
    usd = _instance_usd(start + busy + assumed.seconds("idle"))
    return Estimate(usd + _job_usd(work, "asynchronous", records), assumed.seconds("alarm") + start + busy)


def transform(work: Work, records: int) -> Estimate:
    """By a job of batch transform."""
    start, busy = assumed.seconds("start"), records * work.seconds
    usd = _instance_usd(start + busy) + _job_usd(work, "transform", records)
    return Estimate(usd, work.gather_seconds + start + busy)


def bedrock(work: Work, records: int) -> Estimate:
    """On Bedrock at once, as fast as the quota lets it."""
    tokens = records * (work.input_tokens + work.output_tokens)
    seconds = tokens / work.tokens_a_second
    return Estimate(_tokens_usd(work, records, batch=False) + _waiting_usd(work, seconds), seconds)


def bedrock_batch(work: Work, records: int) -> Estimate:
    """By batch inference, at half the price, within the hours that it is given."""
    usd = _tokens_usd(work, records, batch=True) + _job_usd(work, "bedrock batch", records)
    return Estimate(usd, work.gather_seconds + assumed.number("bedrock_batch_hours") * HOUR)


def first_cheaper(
    one: Callable[[int], Estimate], other: Callable[[int], Estimate], most: int = MOST_RECORDS
) -> int | None:
    """The smallest load for which the other way costs less; None: it never does up to `most`."""
    low, high = 1, most
    if other(high).usd >= one(high).usd:
        return None
    while low < high:
        middle = (low + high) // 2
        if other(middle).usd < one(middle).usd:
            high = middle
        else:
            low = middle + 1
    return low


def _instance_usd(seconds: float) -> float:
    return instance_hours_usd(str(assumed.assumptions()["instance_type"]), seconds / HOUR)


def _waiting_usd(work: Work, seconds: float) -> float:
    price = _prices()["infrastructure"]["lambda_arm64_per_gigabyte_second"]
    return float(work.waiting_gigabytes * seconds * price)


def _job_usd(work: Work, route: str, records: int) -> float:
    transitions = MORE_TRANSITIONS * _prices()["step_functions_per_thousand_transitions"] / 1_000
    return float(work.requests[route].usd(records) + transitions)


def _tokens_usd(work: Work, records: int, *, batch: bool) -> float:
    return tokens_usd(work.model, round(records * work.input_tokens), round(records * work.output_tokens), batch=batch)


def _prices() -> dict[str, Any]:
    prices: dict[str, Any] = loads(files("docqa").joinpath("prices.json").read_text("utf-8"))
    return prices
