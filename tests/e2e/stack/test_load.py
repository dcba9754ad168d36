"""Fifty documents at once, against a small Textract quota with faults, while processes are killed under them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from rich.console import Console

from benchmarks.ingest import burst
from benchmarks.ingest.bench import Bench, Choices
from benchmarks.ingest.load import FINAL, Load
from benchmarks.ingest.memory import FunctionProcesses
from cli.api import Api
from devstack import control
from devstack.processes import find_process
from tests.e2e.stack.cloud import Cloud, Person, eventually

DOCUMENTS, CAPACITY = 50, 8
AWAY_SECONDS = 30
# Steps of the machine, which it tries again at once, those of the way through text extraction among them. A message in
# the hands of a killed function comes back after its queue's visibility timeout: that is minutes, and the same in the
# end.
KILLED = (
    "InspectDocument", "ReadPages", "PrepareExtraction", "StartTextExtraction", "CollectPages", "ChunkDocument",
    "EmbedChunks", "IndexChunks", "PublishGeneration",
)  # fmt: skip


@pytest.fixture
def bench(cloud: Cloud, ann: Person) -> Bench:
    """What the benchmark works with, on this stack."""
    choices = Choices.small(documents=DOCUMENTS, capacity=CAPACITY, seconds=300)
    api = Api(cloud.stack.api_url, ann.http.headers["Authorization"], direct=True)
    return Bench(cloud.stack, cloud.settings, api, Console(quiet=True), choices)


def test_fifty_scans_survive_small_quotas_faults_killed_functions_and_a_search_that_is_away(bench: Bench) -> None:
    """Promises 20, 34a: none lost, none failed, none done twice, and never more in flight than the cap."""
    killed: list[str] = []

    @contextmanager
    def under_fire(load: Load) -> Iterator[None]:
        killed.extend(kill_one(bench, load, function) for function in KILLED)
        with search_killed(bench, AWAY_SECONDS):
            yield

    result = burst.measure(bench, under_fire)

    assert [f"{one['name']}: {one['status']} {one['failure']}" for one in result["not_indexed"]] == []
    assert result["indexed"] == DOCUMENTS
    assert (result["lost"], result["failed"], result["partially_indexed"]) == (0, 0, 0)
    assert (result["duplicate_executions"], result["documents_with_other_chunks"]) == (0, 0)
    # then as many were in flight as may be, both quotas were met by them, and the faults came
    assert burst.SMALL_QUOTA.jobs_at_once < result["in_flight_most"] <= CAPACITY
    assert result["textract"]["jobs_at_once_max"] == burst.SMALL_QUOTA.jobs_at_once
    assert result["textract"]["refused_by_rate"] > 0
    assert result["textract"]["refused_by_jobs"] > 0
    assert result["textract"]["faults"] > 0
    assert result["textract"]["starts"] == DOCUMENTS
    # and processes died in the midst of their work, and the machine saw it
    assert killed == list(KILLED)
    assert result["failed_tasks"]["Runtime.ExitError"] > 0


def ended(load: Load) -> int:
    """How many documents of a load have ended."""
    return sum(one.status in FINAL for one in load.bench.registry.get_many(load.dropped).values())


def kill_one(bench: Bench, load: Load, function: str) -> str:
    """Kill a process of a function while it works on the load, as too little memory would; the function's name."""
    functions = FunctionProcesses(bench.emulator)

    def caught() -> bool:
        assert ended(load) < DOCUMENTS, f"the load ended before {function} was caught"
        if process := functions.working(function):
            process.kill()
            return True
        return False

    eventually(caught, f"{function} works on the load", 60.0)
    return function


@contextmanager
def search_killed(bench: Bench, seconds: float) -> Iterator[None]:
    """OpenSearch dies, and is started again over its data after a while."""
    process = find_process(bench.settings.processes_dir / "opensearch.json")
    assert process is not None
    process.kill()
    process.wait(10.0)
    with ThreadPoolExecutor(1) as pool:
        restarted = pool.submit(_restart_search, bench, seconds)
        yield
        restarted.result()


def _restart_search(bench: Bench, seconds: float) -> None:
    time.sleep(seconds)
    control.up(bench.settings, only=["opensearch"])
