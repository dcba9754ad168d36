"""Do questions keep their pace while documents are taken in, with the ingest cap at one core's work?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmarks.deployed_settings import settings_of, settings_of_answering
from benchmarks.ingest.bench import Bench
from benchmarks.ingest.burst import DISPATCH
from benchmarks.ingest.executions import executions_since, running, share_in_flight, spans_of
from benchmarks.ingest.load import Load, require_indexed
from benchmarks.ingest.material import pdf_of
from benchmarks.main_path import ask_once
from cli.errors import CommandError
from devstack.demo.material import questions

# One execution at a time keeps one core busy.
CAPACITY = 1
QUESTIONS, WARM_UP = 60, 5
# A person types; the next question does not wait for the answer to the last one to end the measurement sooner.
PAUSE_SECONDS = 0.3
# So long that the moments between two documents are few.
PAGES = 60


def measure(bench: Bench) -> dict[str, Any]:
    """Idle first, then beside a load that outlasts the questions. Without the chat model, which takes every core."""
    with settings_of_answering(bench.stack, CHAT_PROVIDER="none"):
        _ask(bench, WARM_UP)
        idle = _ask(bench, QUESTIONS)
        with settings_of(bench.stack, DISPATCH, INGEST_CAPACITY=str(CAPACITY)):
            busy, in_flight = _ask_beside_load(bench)
    at_rest, beside = _summary(idle), _summary(busy)
    return {
        "idle": at_rest,
        "busy": beside,
        "p95_ratio": round(beside["p95"] / at_rest["p95"], 2),
        "in_flight_share": round(in_flight, 3),
        "capacity": CAPACITY,
        "questions": QUESTIONS,
    }


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    rows = [
        f"{result['questions']} warm questions over HTTP, quoted evidence only; ingest cap {result['capacity']}.",
        "",
        "| | median, s | p95, s |",
        "|---|---|---|",
    ]
    for name, title in (("idle", "nothing else to do"), ("busy", "while documents are taken in")):
        rows.append(f"| {title} | {result[name]['median']:.3f} | {result[name]['p95']:.3f} |")
    told = f"p95 is {result['p95_ratio']:.2f} times that of an idle stack. Documents were being taken in during "
    return [*rows, "", f"{told}{result['in_flight_share']:.0%} of the time in which the busy ones were asked."]


def _ask_beside_load(bench: Bench) -> tuple[list[float], float]:
    """Seconds of each question, and the share of their time in which a document was in flight.

    Raises:
        CommandError: a document of the load did not get through, so that there was less to do than there should be.
    """
    load = Load(bench)
    with fed(bench, load):
        wait_for(lambda: bool(running(bench)), "The first document did not start.")
        began = time.time()
        seconds = _ask(bench, QUESTIONS)
        ended = time.time()
    require_indexed(load.follow(bench.choices.seconds))
    spans = spans_of(executions_since(bench, 0.0, load.dropped))
    load.remove()
    return seconds, share_in_flight(spans, began, ended)


@contextmanager
def fed(bench: Bench, load: Load) -> Iterator[None]:
    """Drop documents all the time: always one more waits, and no heap is left at the end.

    What goes wrong with that is raised here, and not left to a thread.
    """
    done = threading.Event()

    def feed() -> None:
        number = 0
        while not done.is_set():
            load.drop((f"{number + at}.pdf", pdf_of(PAGES)) for at in range(2))
            number += 2
            while not done.is_set() and _waiting(bench, load):
                time.sleep(0.5)

    with ThreadPoolExecutor(1, "feeder") as pool:
        feeding = pool.submit(feed)
        try:
            yield
        finally:
            done.set()
        feeding.result()


def wait_for(look: Callable[[], bool], otherwise: str, seconds: float = 60.0) -> None:
    """Wait until it is so.

    Raises:
        CommandError: with the sentence, when the time is over.
    """
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise CommandError(otherwise)
        time.sleep(0.2)


def _waiting(bench: Bench, load: Load) -> bool:
    found = bench.registry.get_many(load.dropped)
    return len(found) < len(load.dropped) or any(one.status == "RECEIVED" for one in found.values())


def _ask(bench: Bench, number: int) -> list[float]:
    texts = [question.question for question in questions() if question.is_answerable]
    seconds = []
    for at in range(number):
        seconds.append(ask_once(bench.api, texts[at % len(texts)])[0])
        time.sleep(PAUSE_SECONDS)
    return seconds


def _summary(seconds: list[float]) -> dict[str, float]:
    return {
        "median": round(float(np.percentile(seconds, 50)), 3),
        "p95": round(float(np.percentile(seconds, 95)), 3),
        "worst": round(max(seconds), 3),
    }
