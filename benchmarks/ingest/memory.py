"""The functions' processes below the emulator's, and the memory that they hold while they work.

The emulator limits no function's memory, so that what a function takes is what it needs. Each function is a process
below the emulator's; parsers run in children of it. What counts against a function's memory on AWS is all of them
together: the sum of their resident memory, which counts pages that they share twice.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterable
from typing import Self

import psutil

LOOK_SECONDS = 0.1
# Long enough to be counted, shorter than a call.
GLANCE_SECONDS = 0.03
WATCHED_SECONDS = 0.5
NAME_VARIABLE = "AWS_LAMBDA_FUNCTION_NAME"
LOGICAL_NAME = re.compile(r"-(\w+)Function-\w+$")
# The emulator unpacks each function below a folder of its name, and runs it from there.
LOGICAL_NAME_IN_COMMAND = re.compile(r"-(\w+)Function-\w+-\w+/")


class FunctionProcesses:
    """Finds the processes of functions by their names in the template."""

    def __init__(self, emulator: psutil.Process) -> None:
        self._emulator = emulator
        self._names: dict[int, str] = {}

    def of(self, function: str) -> list[psutil.Process]:
        """Processes of one function, without their children."""
        return [tree[0] for name, tree in self.trees() if name == function]

    def working(self, function: str, seconds: float = WATCHED_SECONDS) -> psutil.Process | None:
        """The process of a function that does most at a moment; None if none of them does anything for a while.

        What its children do, which parse, is its work too. Processes that begin meanwhile are seen by the next call: to
        look for some takes a hundred times as long as to ask them how much they did.

        Args:
            function: Its name in the template.
            seconds: How long they are watched.
        """
        trees = [tree for name, tree in self.trees() if name == function]
        until = time.monotonic() + seconds
        before = [cpu_seconds(tree) for tree in trees]
        while trees and time.monotonic() < until:
            time.sleep(GLANCE_SECONDS)
            now = [cpu_seconds(tree) for tree in trees]
            worked = [after - earlier for after, earlier in zip(now, before, strict=True)]
            if max(worked) > 0:
                return trees[worked.index(max(worked))][0]
            before = now
        return None

    def trees(self) -> list[tuple[str, list[psutil.Process]]]:
        """Every function's name and process, each with the processes below it."""
        owners: dict[int, int] = {}
        found: dict[int, list[psutil.Process]] = {}
        # One look at the whole machine: asking each process for its children would be one each.
        for process in self._emulator.children(recursive=True):
            try:
                owner = owners.get(process.ppid(), process.pid)
            except psutil.Error:
                continue  # it ended while we looked
            owners[process.pid] = owner
            found.setdefault(owner, []).append(process)
        named = ((self._name(tree[0]), tree) for tree in found.values())
        return [(name, tree) for name, tree in named if name]

    def _name(self, process: psutil.Process) -> str:
        if process.pid not in self._names:
            try:
                found = _logical_name(process)
            except psutil.Error:
                return ""
            self._names[process.pid] = found.group(1) if found else ""
        return self._names[process.pid]


def _logical_name(process: psutil.Process) -> re.Match[str] | None:
    try:
        return LOGICAL_NAME.search(process.environ().get(NAME_VARIABLE, ""))
    except psutil.AccessDenied:
        # Functions that parse files let nobody but root look into them; their command line everybody may see.
        return LOGICAL_NAME_IN_COMMAND.search(" ".join(process.cmdline()))


class FunctionMemory:
    """Looks at the functions' processes ten times a second; use it as a context manager.

    Attributes:
        peaks: Most bytes that one process of a function and its children held, by the function's name in the template.
    """

    def __init__(self, emulator: psutil.Process) -> None:
        self.peaks: dict[str, int] = {}
        self._functions = FunctionProcesses(emulator)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(LOOK_SECONDS):
            for name, tree in self._functions.trees():
                self.peaks[name] = max(self.peaks.get(name, 0), resident_bytes(tree))


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Processor time that processes have used; the kernel counts it in hundredths."""
    used = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            used += times.user + times.system
    return used


def resident_bytes(processes: Iterable[psutil.Process]) -> int:
    """What processes hold together, now; those that have ended hold nothing."""
    held = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            held += process.memory_info().rss
    return held
