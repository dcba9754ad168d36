"""Do questions keep their pace while documents are taken in, with the ingest cap at one core's work?"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from benchmarks.deployed_settings import settings_of, settings_of_answering
from benchmarks.ingest.bench import Bench
from benchmarks.ingest.burst import DISPATCH
from benchmarks.ingest.load import Load
from benchmarks.ingest.material import pdf_of
from benchmarks.main_path import ask_once
from devstack.demo.material import questions

# One execution at a time keeps one core busy.
CAPACITY = 1
QUESTIONS, WARM_UP = 60, 5
# A person types; the next question does not wait for the answer to the last one to end the measurement sooner.
PAUSE_SECONDS = 0.3
PAGES = 20


def measure(bench: Bench) -> dict[str, Any]:
    """Idle first, then beside a load that outlasts the questions. Without the chat model, which takes every core."""
    with settings_of_answering(bench.stack, CHAT_PROVIDER="none"):
        _ask(bench, WARM_UP)
        idle = _ask(bench, QUESTIONS)
        with settings_of(bench.stack, DISPATCH, INGEST_CAPACITY=str(CAPACITY)):
            busy = _ask_beside_load(bench)
    at_rest, beside = _summary(idle), _summary(busy)
    return {
        "idle": at_rest,
        "busy": beside,
        "p95_ratio": round(beside["p95"] / at_rest["p95"], 2),
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
    return [*rows, "", f"p95 is {result['p95_ratio']:.2f} times that of an idle stack."]


def _ask_beside_load(bench: Bench) -> list[float]:
    load, done = Load(bench), threading.Event()

    def feed() -> None:
        """A document at a time, so that there is always one more waiting and never a heap left at the end."""
        number = 0
        while not done.is_set():
            load.drop((f"{number + at}.pdf", pdf_of(PAGES)) for at in range(2))
            number += 2
            while not done.is_set() and _waiting(bench, load):
                time.sleep(0.5)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    time.sleep(5.0)  # until the first document is on its way
    seconds = _ask(bench, QUESTIONS)
    done.set()
    feeder.join()
    load.follow(bench.choices.seconds)
    load.remove()
    return seconds


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
