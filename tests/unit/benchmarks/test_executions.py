"""When executions ran, by their own times, and which process of a function is at work."""

from __future__ import annotations

import datetime as dt
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ingest.executions import most_at_once, share_in_flight, spans_of
from benchmarks.ingest.memory import FunctionProcesses

# Two processes of one function below a process that stands for the emulator: one works, one waits to be asked.
EMULATOR = """
import os, subprocess, sys
named = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "docqa-ReadPagesFunction-abc"}
for work in ("print(flush=True)\\nwhile True: pass", "import time; print(flush=True); time.sleep(60)"):
    begun = subprocess.Popen([sys.executable, "-S", "-c", work], env=named, stdout=subprocess.PIPE)
    begun.stdout.readline()  # an interpreter that is just starting works, too
print("started", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        ([], 0),
        ([(0.0, 1.0), (1.0, 2.0)], 1),
        ([(0.0, 1.1), (1.0, 2.0)], 2),
        ([(0.0, 9.0), (1.0, 2.0), (3.0, 4.0), (3.5, math.inf)], 3),
    ],
)
def test_the_most_at_once_is_that_of_the_executions_own_times(spans: list[tuple[float, float]], most: int) -> None:
    """Promise 34: a peak between two looks, shorter than a second, is seen."""
    assert most_at_once(spans) == most


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), max_size=30))
def test_the_most_at_once_is_reached_at_some_start_and_never_passed(drawn: list[tuple[int, int]]) -> None:
    spans = [(float(start), float(start + length)) for start, length in drawn]

    at_starts = [sum(start <= moment < stop for start, stop in spans) for moment, _ in spans]

    assert most_at_once(spans) == max(at_starts, default=0)


def test_an_execution_that_has_not_ended_runs_for_ever() -> None:
    began = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)

    assert spans_of([{"startDate": began}]) == [(began.timestamp(), math.inf)]


@pytest.mark.parametrize(
    ("spans", "share"),
    [
        ([], 0.0),
        ([(0.0, 100.0)], 1.0),
        ([(10.0, 15.0)], 0.5),
        ([(8.0, 12.0), (11.0, 14.0), (18.0, math.inf)], 0.6),
        ([(0.0, 10.0), (20.0, 30.0)], 0.0),
    ],
)
def test_time_without_any_execution_is_seen(spans: list[tuple[float, float]], share: float) -> None:
    assert share_in_flight(spans, 10.0, 20.0) == pytest.approx(share)


@pytest.fixture
def emulator() -> Iterator[psutil.Process]:
    with subprocess.Popen(
        [sys.executable, "-S", "-c", EMULATOR], env=dict(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        watched = psutil.Process(process.pid)
        children = watched.children(recursive=True)
        try:
            yield watched
        finally:
            for child in children:
                child.kill()
            process.kill()


def test_the_process_that_works_is_found_and_one_that_waits_never_is(emulator: psutil.Process) -> None:
    functions = FunctionProcesses(emulator)
    deadline = time.monotonic() + 20
    while (found := functions.working("ReadPages")) is None:
        assert time.monotonic() < deadline
    assert "while True" in " ".join(found.cmdline())

    found.kill()
    time.sleep(0.5)  # it has ended, and the other one has begun to wait

    assert functions.working("ReadPages", seconds=1.0) is None
    assert functions.working("ChunkDocument") is None


def test_a_function_that_lets_nobody_look_into_it_is_known_by_its_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions that parse files are closed to whoever is not root (decision 0052)."""

    def refused(process: psutil.Process) -> dict[str, str]:
        raise psutil.AccessDenied(process.pid)

    worker = tmp_path / "ministack-lambda-docqa-e2e-ReadPagesFunction-10F7410681898-aptalygg" / "_worker.py"
    worker.parent.mkdir()
    worker.write_text("import sys; sys.stdin.read()")
    monkeypatch.setattr(psutil.Process, "environ", refused)
    command = [sys.executable, "-S", str(worker)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as one:
        found = FunctionProcesses(psutil.Process()).of("ReadPages")
        assert [process.pid for process in found] == [one.pid]
