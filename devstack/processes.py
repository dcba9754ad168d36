"""Background processes that are stopped only when they are certainly ours."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

# A process id is used again after a while; with its start time it names one process for good.
START_TIME_TOLERANCE_SECONDS = 1.0


@dataclass(frozen=True)
class ProcessRecord:
    """Which process was started: its id, its start time in seconds since 1970, and its command line."""

    pid: int
    started: float
    command: tuple[str, ...]


def start_process(command: Sequence[str], environment: Mapping[str, str], log: Path, record: Path) -> ProcessRecord:
    """Start a process that outlives this one, write its output to `log` and its identity to `record`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    record.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # not ours to wait for: it may outlive this process without a warning
    started = ProcessRecord(process.pid, psutil.Process(process.pid).create_time(), tuple(command))
    record.write_text(json.dumps(asdict(started)))
    return started


def find_process(record: Path) -> psutil.Process | None:
    """The process that `record` names if it is still the same one and alive, else None."""
    try:
        expected = _read(record)
        process = psutil.Process(expected.pid)
        same = abs(process.create_time() - expected.started) < START_TIME_TOLERANCE_SECONDS
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, ValueError, KeyError, psutil.NoSuchProcess):
        return None


def launched_as(record: Path, command: Sequence[str]) -> bool:
    """Whether the recorded process was started with exactly this command line."""
    return _read(record).command == tuple(command)


def stop_process(record: Path, patience_seconds: float) -> bool:
    """Ask the recorded process to end, insist after `patience_seconds`, and forget it.

    Returns:
        Whether there was a process of ours to stop.
    """
    process = find_process(record)
    if process is not None:
        children = _children(process)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
        _, alive = psutil.wait_procs([process], timeout=patience_seconds)
        for survivor in [*alive, *children]:
            with contextlib.suppress(psutil.NoSuchProcess):
                survivor.kill()
        psutil.wait_procs([process, *children], timeout=patience_seconds)
    record.unlink(missing_ok=True)
    return process is not None


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _read(record: Path) -> ProcessRecord:
    content = json.loads(record.read_text())
    return ProcessRecord(content["pid"], content["started"], tuple(content["command"]))
