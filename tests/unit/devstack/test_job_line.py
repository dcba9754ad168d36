"""Work of jobs on one thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from devstack.modelserver import job_line
from devstack.modelserver.documents import StorageUnavailableError
from devstack.modelserver.job_line import JobLine


@pytest.fixture
def line() -> Iterator[JobLine]:
    running = JobLine()
    running.start()
    yield running
    running.stop()


def done(line: JobLine) -> None:
    """Wait until everything is done that is due."""
    reached = threading.Event()
    line.submit(reached.set)
    assert reached.wait(5)


def test_what_is_due_first_is_done_first(line: JobLine) -> None:
    heard: list[str] = []
    end = threading.Event()
    line.submit(end.set, 0.3)
    line.submit(lambda: heard.append("later"), 0.2)
    line.submit(lambda: heard.append("soon"), 0.1)
    line.submit(lambda: heard.append("now"))
    assert end.wait(5)
    assert heard == ["now", "soon", "later"]


def test_all_of_it_runs_on_one_thread(line: JobLine) -> None:
    threads: set[str] = set()
    for _ in range(20):
        line.submit(lambda: threads.add(threading.current_thread().name))
    done(line)
    assert threads == {"jobs"}


def test_long_work_lets_short_work_pass(line: JobLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_line, "TURN_SECONDS", 0.0)
    heard: list[str] = []
    end, begun = threading.Event(), threading.Event()

    def long() -> Iterator[float]:
        for number in range(3):
            heard.append(f"long {number}")
            begun.set()
            yield 0.0
        end.set()

    line.submit(lambda: begun.wait(5) and None)  # nothing of the long work before the short one is in line
    line.work_through(long)
    line.submit(lambda: heard.append("short"))
    begun.set()
    assert end.wait(5)
    assert heard == ["long 0", "short", "long 1", "long 2"]


def test_work_waits_for_the_emulator(line: JobLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_line, "RETRY_SECONDS", 0.01)
    tries: list[str] = []
    end = threading.Event()

    def piece() -> None:
        tries.append("piece")
        if len(tries) < 3:
            raise StorageUnavailableError("no answer")
        line.work_through(steps)

    def steps() -> Iterator[float]:
        tries.append("steps")
        yield 0.0
        if len(tries) < 5:
            raise StorageUnavailableError("no answer")
        end.set()

    line.submit(piece)
    assert end.wait(5)
    assert tries == ["piece"] * 3 + ["steps"] * 2


def test_work_that_breaks_off_is_told_and_harms_no_other(line: JobLine) -> None:
    heard: list[str] = []

    def steps() -> Iterator[float]:
        yield 0.0
        raise ValueError("broken")

    line.work_through(steps, lambda: heard.append("steps broke"))
    line.submit(lambda: 1 / 0, broken=lambda: heard.append("piece broke"))
    line.submit(lambda: 1 / 0)
    done(line)
    done(line)
    assert sorted(heard) == ["piece broke", "steps broke"]


def test_a_stop_leaves_what_is_not_due() -> None:
    line, heard = JobLine(), []
    line.start()
    line.submit(lambda: heard.append("never"), 60)
    line.stop()
    assert heard == []
