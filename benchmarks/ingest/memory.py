"""The memory of the functions, by looking at their processes while they work.

The emulator limits no function's memory, so that what a function takes is what it needs. Each function is a process
below the emulator's; parsers run in children of it. What counts against a function's memory on AWS is all of them
together: the sum of their resident memory, which counts pages that they share twice.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from typing import Self

import psutil

LOOK_SECONDS = 0.1
NAME_VARIABLE = "AWS_LAMBDA_FUNCTION_NAME"
LOGICAL_NAME = re.compile(r"-(\w+)Function-\w+$")


class FunctionMemory:
    """Looks at the functions' processes ten times a second; use it as a context manager.

    Attributes:
        peaks: Most bytes that one process of a function and its children held, by the function's name in the template.
    """

    def __init__(self, emulator: psutil.Process) -> None:
        self.peaks: dict[str, int] = {}
        self._emulator = emulator
        self._names: dict[int, str] = {}
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
            for name, held in self._look().items():
                self.peaks[name] = max(self.peaks.get(name, 0), held)

    def _look(self) -> dict[str, int]:
        held: defaultdict[int, int] = defaultdict(int)
        parents: dict[int, int] = {}
        try:
            processes = self._emulator.children(recursive=True)
        except psutil.NoSuchProcess:
            return {}
        for process in processes:
            try:
                parent = process.ppid()
                owner = parents.get(parent, process.pid)
                parents[process.pid] = owner
                held[owner] += process.memory_info().rss
                if owner == process.pid and owner not in self._names:
                    found = LOGICAL_NAME.search(process.environ().get(NAME_VARIABLE, ""))
                    self._names[owner] = found.group(1) if found else ""
            except psutil.Error:
                continue  # it ended while we looked
        most: dict[str, int] = {}
        for owner, total in held.items():
            name = self._names.get(owner, "")
            if name:
                most[name] = max(most.get(name, 0), total)
        return most


def tree_bytes(process: psutil.Process) -> int:
    """Resident bytes of a process and its children, now."""
    held = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            held += one.memory_info().rss
    except psutil.Error:
        return held  # one ended while we looked
    return held
