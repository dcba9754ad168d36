"""Questions while a backfill runs on the one-machine cloud, and documents on all three routes with lowered boundaries.

People are threads that ask, read and ask again. Locust would do no more here, and would bring gevent, which replaces
the sockets of everything else in the process, and a web server into the locked dependencies.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmarks.deployed_settings import settings_of_answering
from benchmarks.ingest.bench import Bench
from benchmarks.ingest.load import Load
from benchmarks.jobs_of_models import look_at_jobs, routed
from benchmarks.main_path import ask_once
from cli.connection import connect
from devstack import hosting
from devstack.demo.material import questions
from docqa.models.inference import Route

PEOPLE, READING_SECONDS = 3, 0.5
QUESTIONS_ALONE, QUESTIONS_IDLE = 60, 300
FEW, MANY = 3, 30
# Of all documents: short ones of a tenant with few, long ones of another, and a backlog of short ones.
SHORT, LONG = 0.2, 0.1
GATHER_SECONDS = 10
TITLES = {
    "alone": "one at a time, nothing else to do",
    "idle": "the people, nothing else to do",
    "busy": "the people, while documents are taken in",
}


def measure(bench: Bench) -> dict[str, Any]:
    """Idle first, then beside the documents. Quoted answers only: the small chat model takes every core.

    The same people ask in both: those who share two cores wait for one another, documents or not.
    """
    number = bench.choices.documents
    short, long = round(number * SHORT), round(number * LONG)
    sets = {"short": (short, FEW), "long": (long, MANY), "backlog": (number - short - long, FEW)}
    with settings_of_answering(bench.stack, CHAT_PROVIDER="none"):
        alone = [ask_once(bench.api, text)[0] for text in _texts(QUESTIONS_ALONE)]
        with asking() as idle:
            idle.wait_for(QUESTIONS_IDLE)
        topics = hosting.make_topics(bench.settings)
        hosting.host_embeddings(bench.settings, bench.stack.output("WorkBucketName"), topics)
        # Fewer than the backlog has, and more than the others.
        boundaries = {"BATCH_PASSAGES": "1000000", "BATCH_DOCUMENTS": str(max(short, long) + 1)}
        with routed(bench.stack, GATHER_SECONDS, REALTIME_PASSAGES="8", **boundaries):
            began = time.monotonic()
            with asking() as asked:
                loads = {name: _drop(bench, name, *one) for name, one in sets.items()}
                ended = {
                    name: load.follow(bench.choices.seconds, lambda _: look_at_jobs(bench.stack))
                    for name, load in loads.items()
                }
            took = time.monotonic() - began
    result = {
        "documents": number,
        "seconds": round(took, 1),
        "indexed": sum(one.status == "INDEXED" for of_set in ended.values() for one in of_set),
        "people": PEOPLE,
        "questions": {"alone": _summary(alone), "idle": _summary(idle.seconds), "busy": _summary(asked.seconds)},
        "failed_questions": len(idle.failures) + len(asked.failures),
        "failures": dict(Counter(idle.failures + asked.failures)),
        "routes": {name: _routes(bench, load) for name, load in loads.items()},
    }
    for load in loads.values():
        load.remove()
    return result


class Asked:
    """Seconds of every question, and what went wrong with those that had no answer."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failures: list[str] = []  # not a count: several threads write it
        self.people: list[Future[None]] = []

    def wait_for(self, number: int) -> None:
        """Until so many questions had their answer or none."""
        while len(self.seconds) + len(self.failures) < number and not any(person.done() for person in self.people):
            time.sleep(READING_SECONDS)


@contextmanager
def asking() -> Iterator[Asked]:
    """People ask until the block ends."""
    asked, done = Asked(), threading.Event()

    def person(first: int) -> None:
        texts = _texts(QUESTIONS_ALONE)
        with connect(None, None) as api:
            at = first
            while not done.is_set():
                try:
                    asked.seconds.append(ask_once(api, texts[at % len(texts)])[0])
                except Exception as error:  # noqa: BLE001 - whatever went wrong, a person had no answer
                    asked.failures.append(type(error).__name__)
                at += PEOPLE
                done.wait(READING_SECONDS)

    with ThreadPoolExecutor(PEOPLE, "person") as pool:
        asked.people = [pool.submit(person, number) for number in range(PEOPLE)]
        try:
            yield asked
        finally:
            done.set()
        for one in asked.people:
            one.result()


def _drop(bench: Bench, name: str, number: int, passages: int) -> Load:
    load = Load(bench, tenant=f"bench-{name}")
    load.drop((f"{name}-{at}.txt", _document(f"{name} {at}", passages)) for at in range(number))
    return load


def _document(name: str, passages: int) -> bytes:
    """About so many passages of some 900 characters."""
    paragraph = "Section {at} of {name} is inspected by crew {at} on every shift and logged by hand. "
    return "\n\n".join(paragraph.format(name=name, at=at) * 10 for at in range(passages)).encode()


def _routes(bench: Bench, load: Load) -> dict[str, int]:
    found = bench.registry.get_generations((document_id, 1) for document_id in load.dropped)
    return dict(Counter(one.route or Route.REALTIME.value for one in found))


def _texts(number: int) -> list[str]:
    texts = [question.question for question in questions() if question.is_answerable]
    return [texts[at % len(texts)] for at in range(number)]


def _summary(seconds: list[float]) -> dict[str, float]:
    return {
        "number": len(seconds),
        "p50": round(float(np.percentile(seconds, 50)), 3),
        "p95": round(float(np.percentile(seconds, 95)), 3),
    }


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    rows = [
        f"| {title} | {one['number']:,} | {one['p50']:.3f} | {one['p95']:.3f} |"
        for name, title in TITLES.items()
        if (one := result["questions"][name])
    ]
    routes = [
        f"| {name} | {', '.join(f'{route} {number:,}' for route, number in sorted(found.items()))} |"
        for name, found in result["routes"].items()
    ]
    return [
        f"{result['documents']} documents in {result['seconds']:.0f} s, {result['indexed']} indexed;",
        f"{result['people']} people ask meanwhile, {result['failed_questions']} questions had no answer.",
        "",
        "| questions, seconds | number | p50 | p95 |",
        "|---|---|---|---|",
        *rows,
        "",
        "| documents | routes |",
        "|---|---|",
        *routes,
    ]
