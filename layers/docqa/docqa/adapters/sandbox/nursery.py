"""The function's side: starting clean processes, asking one for a parse, ending what does not end by itself."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

# What a Python interpreter may need to start and to find its temporary folder. Everything else stays here: keys of the
# function's role are environment variables.
_ENVIRONMENT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ")
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from docqa.adapters.sandbox.server import serve; serve(int(sys.argv[1]))"
)
_BLOCK = 256 * 1024


class ProcessLostError(Exception):
    """The nursery process is gone, and with it the parse: somebody or something killed it."""


class WallTimeError(Exception):
    """The parse was waited for long enough."""


class LineTooLongError(Exception):
    """The child wrote more in one line than a page may have."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How a child ended and what it used.

    Attributes:
        status: Exit code, or minus the signal that ended it.
        cpu_seconds: Processor time.
        peak_bytes: Most resident memory, what it was forked with included.
        start_bytes: Resident memory that it was forked with.
    """

    status: int
    cpu_seconds: float
    peak_bytes: int
    start_bytes: int


class NurseryProcess:
    """One clean process; it does one parse at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter with our own module
                [sys.executable, "-I", "-S", "-c", _BOOT, str(theirs.fileno()), json.dumps(sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,
            )
        self._connection = ours

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], descriptors: Sequence[int]) -> None:
        """Start a parse; the descriptors are the document's, the results' and maybe an output's."""
        try:
            line = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(self._connection, [line], descriptors)
            self._connection.sendall(line[sent:])
        except OSError as error:
            raise ProcessLostError from error

    def ending(self, seconds: float) -> Usage:
        """How the parse ended."""
        answer = b"".join(lines(self._connection.fileno(), seconds, _BLOCK, count=1))
        if not answer:
            raise ProcessLostError
        return Usage(**json.loads(answer))

    def end(self) -> None:
        """End it, with the child that it waits for; what has ended is left alone."""
        self._connection.close()
        if self.is_alive:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Nursery:
    """The clean processes of a function: as many as parses run at the same time, and they are used again."""

    def __init__(self) -> None:
        self._idle: list[NurseryProcess] = []

    def warm(self) -> None:
        """Have a process started before the first document comes."""
        self._idle.append(NurseryProcess())

    @contextmanager
    def lease(self) -> Iterator[NurseryProcess]:
        """A process for one parse. It is not used again if the parse was left before its end."""
        process = self._take()
        try:
            yield process
        except BaseException:
            process.end()
            raise
        self._idle.append(process)

    def _take(self) -> NurseryProcess:
        with suppress(IndexError):  # other threads take too
            while not (process := self._idle.pop()).is_alive:
                process.end()
            return process
        return NurseryProcess()

    def close(self) -> None:
        """End every process that waits."""
        while self._idle:
            self._idle.pop().end()


def lines(descriptor: int, seconds: float, longest: int, count: int = sys.maxsize) -> Iterator[bytes]:
    """Lines as they are written, until the other side closes or there were `count`.

    Args:
        descriptor: Read end.
        seconds: How long to wait for all of them; time that the caller spends between them does not count.
        longest: Most bytes of a line.
        count: How many lines to read at most.
    """
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    buffer = bytearray()
    while count:
        started = time.monotonic()
        if not poll.poll(max(seconds, 0) * 1000):
            raise WallTimeError
        block = os.read(descriptor, _BLOCK)
        seconds -= time.monotonic() - started
        buffer += block
        while count and (end := buffer.find(b"\n")) >= 0:
            yield bytes(buffer[:end])
            del buffer[: end + 1]
            count -= 1
        if len(buffer) > longest:
            raise LineTooLongError
        if not block:
            return
