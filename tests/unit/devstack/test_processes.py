"""A process is stopped only if it is certainly the one that was started."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from devstack.processes import find_process, launched_as, start_process, stop_process

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "processes" / "sleeper.json"
    yield path
    stop_process(path, patience_seconds=0)


def start(record: Path, command: tuple[str, ...] = SLEEPER) -> psutil.Process:
    start_process(command, {"PATH": "/usr/bin"}, record.with_suffix(".log"), record)
    process = find_process(record)
    assert process is not None
    return process


def test_a_started_process_is_found_and_stopped(record: Path) -> None:
    process = start(record)
    assert launched_as(record, SLEEPER)

    assert stop_process(record, patience_seconds=5) is True

    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert not record.exists()
    assert stop_process(record, patience_seconds=5) is False


def test_a_process_that_took_over_the_process_id_is_left_alone(record: Path) -> None:
    ours = start(record)
    stranger = subprocess.Popen(SLEEPER)
    try:
        content = json.loads(record.read_text())
        record.write_text(json.dumps(content | {"pid": stranger.pid, "started": content["started"] - 3600}))

        assert find_process(record) is None
        assert stop_process(record, patience_seconds=1) is False
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
        ours.kill()


def test_a_process_that_does_not_listen_is_ended(record: Path) -> None:
    process = start(record, STUBBORN)
    log = record.with_suffix(".log")
    while "deaf" not in log.read_text():
        assert process.is_running()

    assert stop_process(record, patience_seconds=0.2) is True

    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("content", ["", "{}", '{"pid": 1}'])
def test_a_damaged_record_names_no_process(record: Path, content: str) -> None:
    record.parent.mkdir(parents=True)
    record.write_text(content)
    assert find_process(record) is None
