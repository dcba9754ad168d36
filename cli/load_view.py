"""A bulk load as a live table for people, or as lines where nobody watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Group, RenderableType

from cli.api import Api
from cli.load import UNDER_WAY, Load
from cli.output import literal, messages, one_line, results
from cli.views import status_text, table
from docqa.models.document import DocumentStatus

POLL_SECONDS = 2.0
# Without a terminal a line now and then says that it goes on.
LINE_SECONDS = 15.0
FAILURES_SHOWN = 5


def watch_load(api: Api, load: Load, *, follow: bool, deadline: float) -> bool:
    """Show the load until nothing is under way (with `follow`: until stopped); whether it got there by `deadline`.

    Args:
        api: Signed in.
        load: What is known already; kept up to date.
        follow: Go on when everything has ended.
        deadline: Of `time.monotonic`.
    """
    with _live_table() if messages().is_terminal else _lines() as show:
        while True:
            load.update(api)
            show(load, time.time())
            if not load.under_way and not follow:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)


def summary(load: Load, now: float) -> str:
    """The load in one line."""
    counts = load.counts()
    parts = [f"{counts[status]} {status}" for status in DocumentStatus if counts[status]] or ["no documents"]
    rate = load.rate(now) * 60
    return f"{', '.join(parts)}; {rate:.1f} documents a minute, {_left(load, now)}"


Show = Callable[[Load, float], None]


@contextmanager
def _live_table() -> Iterator[Show]:
    """One table that is drawn over itself."""
    from rich.live import Live

    with Live(console=messages(), auto_refresh=False, transient=True) as live:
        yield lambda load, now: live.update(load_table(load, now), refresh=True)


@contextmanager
def _lines() -> Iterator[Show]:
    """A line now and then."""
    last = 0.0

    def show(load: Load, now: float) -> None:
        nonlocal last
        if now - last >= LINE_SECONDS:
            last = now
            messages().print(summary(load, now))

    yield show


def load_table(load: Load, now: float) -> RenderableType:
    """Counts by status, pace, time left, and the latest failures with their reasons."""
    counts = load.counts()
    rows = table("status", "documents")
    for status in DocumentStatus:
        rows.add_row(status_text(status.value), str(counts[status]))
    pace = literal(f"{load.rate(now) * 60:.1f} documents a minute, {_left(load, now)}")
    failed = load.failed()
    if not failed:
        return Group(rows, pace)
    reasons = table("failed", "why")
    for view in failed[:FAILURES_SHOWN]:
        reasons.add_row(literal(one_line(view.key)), literal(one_line(view.failure.message if view.failure else "")))
    if (more := len(failed) - FAILURES_SHOWN) > 0:
        reasons.add_row(f"and {more} more", "docqa documents --status FAILED lists them all")
    return Group(rows, pace, reasons)


def print_load(load: Load, now: float) -> None:
    """The table once, on stdout."""
    results().print(load_table(load, now))


def load_as_json(load: Load, now: float) -> dict[str, Any]:
    """Counts by status, pace, time left and failures, for programs."""
    return {
        "documents": dict(load.counts()),
        "documents_per_second": round(load.rate(now), 3),
        "seconds_left": load.seconds_left(now) if load.under_way else 0.0,
        "failed": [view.model_dump(mode="json") for view in load.failed()],
    }


def _left(load: Load, now: float) -> str:
    if not any(load.counts()[status] for status in UNDER_WAY):
        return "nothing left"
    seconds = load.seconds_left(now)
    return "time left unknown" if seconds is None else f"about {_duration(seconds)} left"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
