"""Fifty documents at once: against a small Textract quota with faults, and while processes are killed under them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from rich.console import Console

from benchmarks.deployed_settings import settings_of
from benchmarks.ingest import burst
from benchmarks.ingest.bench import Bench, Choices
from benchmarks.ingest.burst import DISPATCH, outcome
from benchmarks.ingest.executions import (
    executions_by_document,
    executions_since,
    failed_tasks,
    most_at_once,
    spans_of,
)
from benchmarks.ingest.load import Load
from benchmarks.ingest.material import pdf_of, scan_of
from benchmarks.ingest.memory import FunctionProcesses
from benchmarks.ingest.recordings import recorded_responses
from cli.api import Api
from devstack import control
from devstack.processes import find_process
from tests.e2e.stack.cloud import Cloud, Person, eventually

DOCUMENTS, CAPACITY = 50, 8
# Of them, so many for the killing of functions; the rest comes when OpenSearch is killed.
FIRST = 36
# So often before the load is looked at again.
GLANCES = 20
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


def test_none_of_fifty_scans_is_lost_to_a_small_quota_with_faults(bench: Bench) -> None:
    """Promise 34a: none lost, none failed, none done twice, and never more in flight than the cap."""
    result = burst.measure(bench)

    assert result["not_indexed"] == []
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


def test_killed_functions_and_a_search_that_is_away_cost_no_document(bench: Bench) -> None:
    """Promise 20: whatever dies under a load of fifty, fifty are indexed."""
    load = Load(bench)
    with (
        settings_of(bench.stack, DISPATCH, INGEST_CAPACITY=str(CAPACITY)),
        bench.without_embedding_model(),
        recorded_responses(None) as folder,
        bench.textract(replay=str(folder), job_seconds=1.0),
    ):
        began = load.drop(reports_and_scans(range(FIRST)))
        killed = [kill_one(bench, load, function) for function in KILLED]
        load.drop(reports_and_scans(range(FIRST, DOCUMENTS)))
        eventually(lambda: statuses(load)["PROCESSING"] > 1, "the rest is being worked on")
        with search_killed(bench, AWAY_SECONDS):
            ended = load.follow(bench.choices.seconds)
    executions = executions_since(bench, began, load.dropped)
    found = outcome(ended, executions_by_document(executions), load.chunks_in_index())
    load.remove()

    assert [one.plain() for one in ended if one.status != "INDEXED"] == []
    assert len(ended) == DOCUMENTS
    assert sum(one.ocr for one in ended) == DOCUMENTS // 2
    assert found["documents_with_other_chunks"] == 0
    assert most_at_once(spans_of(executions)) <= CAPACITY
    # then processes died in the midst of their work, and the machine saw it
    assert killed == list(KILLED)
    assert failed_tasks(bench, executions)["Runtime.ExitError"] > 0


def reports_and_scans(numbers: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    """Half of them have a text layer, half have to go through text extraction."""
    for number in numbers:
        if number % 2:
            yield f"scan-{number}.pdf", scan_of(f"Receipt number {number}")
        else:
            yield f"report-{number}.pdf", pdf_of(2)


def statuses(load: Load) -> Counter[str]:
    """Documents of a load by status."""
    return Counter(one.status.value for one in load.bench.registry.get_many(load.dropped).values())


def kill_one(bench: Bench, load: Load, function: str) -> str:
    """Kill a process of a function while it works on the load, as too little memory would; the function's name."""
    functions = FunctionProcesses(bench.emulator)

    def caught() -> bool:
        under_way = statuses(load)
        assert under_way["PROCESSING"] + under_way["RECEIVED"], f"the load ended before {function} was caught"
        for _ in range(GLANCES):
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
