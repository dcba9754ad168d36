"""On which way a model is asked: by how much there is to do, how long it may take, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docqa.models.inference import JobLimits, Route, RouteChoice


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be done.

    Attributes:
        records: Texts or prompts of this piece of work.
        waiting: Pieces of work of the same tenant that wait behind it.
        within_seconds: How long it may take at most.
        record, others: What one of the records is, and what the other pieces of work are, for people.
    """

    records: int
    waiting: int
    within_seconds: float
    record: str = "passage"
    others: str = "documents"


@dataclass(frozen=True, slots=True)
class Boundaries:
    """From when on the other routes are worth their wait (docs/decisions/0040).

    Attributes:
        realtime_records: Most records of one piece of work that share the endpoint which people wait for.
        batch_records: From so many on, a piece of work is a batch by itself.
        batch_waiting: From so many waiting pieces on, they are a batch together.
    """

    realtime_records: int
    batch_records: int
    batch_waiting: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A route that is set up.

    Attributes:
        limits: What it takes in one job.
        usd_to_start: What a job costs before its first record, such as waking an instance.
        usd_per_million_records: What the records themselves cost, as far as it differs between routes.
    """

    route: Route
    limits: JobLimits
    usd_to_start: float = 0.0
    usd_per_million_records: float = 0.0

    def usd(self, records: int) -> float:
        """What so many records cost on this route."""
        return self.usd_to_start + records * self.usd_per_million_records / 1_000_000


def choose_route(load: Load, boundaries: Boundaries, offers: Sequence[Offer]) -> RouteChoice:
    """The cheapest route that suits the load; of equally cheap ones the quickest. Real time is always there.

    Args:
        load: What is to be done.
        boundaries: From when on a route is worth its wait.
        offers: The routes that are set up beside real time, in any order.
    """
    if not offers:
        return RouteChoice(Route.REALTIME, "no other route is set up")
    if load.records <= boundaries.realtime_records and load.waiting < boundaries.batch_waiting:
        return RouteChoice(Route.REALTIME, f"{_records(load)}: at most {boundaries.realtime_records:,} go at once")
    reasons = {offer.route: _worth(load, boundaries, offer) for offer in offers}
    fitting = [
        offer
        for offer in offers
        if reasons[offer.route]
        and offer.limits.longest_seconds <= load.within_seconds
        and load.records <= offer.limits.most_records
    ]
    if not fitting:
        hours = f"{load.within_seconds / 3600:g} h"
        return RouteChoice(Route.REALTIME, f"{_records(load)}: no other route suits so many and ends within {hours}")
    best = min(fitting, key=lambda one: (one.usd(load.records), one.limits.longest_seconds))
    return RouteChoice(best.route, reasons[best.route])


def _worth(load: Load, boundaries: Boundaries, offer: Offer) -> str:
    """Why the route suits the load, or nothing."""
    if offer.route is Route.BATCH:
        if load.waiting >= boundaries.batch_waiting:
            return (
                f"{load.waiting:,} {load.others} wait behind it: from {boundaries.batch_waiting:,} on they go together"
            )
        if load.records >= max(boundaries.batch_records, offer.limits.least_records):
            return f"{_records(load)}: from {boundaries.batch_records:,} on it is a batch"
        return ""
    if load.records > boundaries.realtime_records:
        return f"{_records(load)}: at most {boundaries.realtime_records:,} go at once"
    return ""


def _records(load: Load) -> str:
    return f"{load.records:,} {load.record}{'s' if load.records != 1 else ''}"
