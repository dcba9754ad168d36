"""Fifty documents at once: against a small Textract quota with faults, and while processes are killed under them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from rich.console import Console

from benchmarks.deployed_settings import settings_of
from benchmarks.ingest import burst
from benchmarks.ingest.bench import Bench, Choices
from benchmarks.ingest.burst import DISPATCH, InFlight, outcome
from benchmarks.ingest.executions import executions_by_document, executions_since
from benchmarks.ingest.load import Load
from benchmarks.ingest.material import pdf_of
from benchmarks.ingest.memory import FunctionProcesses
from cli.api import Api
from devstack.processes import find_process
from tests.e2e.stack.cloud import Cloud, Person, eventually

DOCUMENTS, CAPACITY = 50, 6
AWAY_SECONDS = 30
# The steps of the machine, which it tries again at once. A message in the hands of a killed function comes back after
# its queue's visibility timeout: that is minutes, and the same in the end.
KILLED = ("InspectDocument", "ReadPages", "ChunkDocument", "EmbedChunks", "IndexChunks", "PublishGeneration")


@pytest.fixture
def bench(cloud: Cloud, ann: Person) -> Bench:
    """What the benchmark works with, on this stack."""
    choices = Choices(documents=DOCUMENTS, capacity=CAPACITY, seconds=300)
    api = Api(cloud.stack.api_url, ann.http.headers["Authorization"], direct=True)
    return Bench(cloud.stack, cloud.settings, api, Console(quiet=True), choices)


def test_none_of_fifty_scans_is_lost_to_a_small_quota_with_faults(bench: Bench) -> None:
    """Promise 34a: none lost, none failed, none done twice, and never more in flight than the cap."""
    result = burst.measure(bench)

    assert result["not_indexed"] == []
    assert result["indexed"] == DOCUMENTS
    assert (result["lost"], result["failed"], result["partially_indexed"]) == (0, 0, 0)
    assert (result["duplicate_executions"], result["documents_with_other_chunks"]) == (0, 0)
    assert 1 < result["in_flight_most"] <= CAPACITY
    # then the quota was met, and the faults came
    assert result["textract"]["jobs_at_once_max"] <= burst.JOBS_AT_ONCE
    assert result["textract"]["faults"] > 0
    assert result["textract"]["starts"] == DOCUMENTS


def test_killed_functions_and_a_search_that_is_away_cost_no_document(bench: Bench) -> None:
    """Promise 20: whatever dies under a load of fifty, fifty are indexed."""
    load, watched = Load(bench), InFlight(bench)
    with settings_of(bench.stack, DISPATCH, INGEST_CAPACITY=str(CAPACITY)), bench.without_embedding_model():
        began = load.drop((f"report-{number}.pdf", pdf_of(1)) for number in range(DOCUMENTS))
        eventually(lambda: any(one.status == "INDEXED" for one in _documents(load)), "the first is indexed")
        with search_away(bench, AWAY_SECONDS):
            for function in KILLED:
                kill_one(bench, function)
            ended = load.follow(bench.choices.seconds, watched.look)
    found = outcome(ended, executions_by_document(executions_since(bench, began, load.dropped)), load.chunks_in_index())
    load.remove()

    assert [one.plain() for one in ended if one.status != "INDEXED"] == []
    assert found["documents_with_other_chunks"] == 0
    assert watched.most <= CAPACITY


def _documents(load: Load) -> list[Any]:
    return list(load.bench.registry.get_many(load.dropped).values())


def kill_one(bench: Bench, function: str) -> None:
    """Kill a process of a function, as too little memory would; a busy one if there is one."""

    def running() -> psutil.Process | None:
        found = FunctionProcesses(bench.emulator).of(function)
        return max(found, key=lambda process: process.cpu_percent(interval=0.1)) if found else None

    eventually(running, f"{function} runs").kill()


@contextmanager
def search_away(bench: Bench, seconds: float) -> Iterator[None]:
    """OpenSearch stands still for a while, from now on."""
    process = find_process(bench.settings.processes_dir / "opensearch.json")
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    waker = threading.Timer(seconds, lambda: os.kill(process.pid, signal.SIGCONT))
    waker.start()
    try:
        yield
    finally:
        waker.cancel()
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(1.0)  # it answers what was asked of it meanwhile
