"""One parse from the function's side: hand the document over, take the results, understand the end."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from typing import IO, Any

from docqa.adapters.sandbox.endings import ended_by_signal, limit_reached, own_error, parser_fault
from docqa.adapters.sandbox.nursery import (
    LineTooLongError,
    Nursery,
    NurseryProcess,
    ProcessLostError,
    Usage,
    WallTimeError,
    lines,
)
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import ConfigurationError, DocumentError

logger = logging.getLogger(__name__)
# A child that has told everything ends at once.
_END_SECONDS = 5.0
# JSON takes up to six bytes a character, and hidden spans some more.
_BYTES_A_CHARACTER = 16
_LINE_BYTES = 64 * 1024
_RESULTS = ("kind", "outline", "page", "selected")


class InterruptedParseError(Exception):
    """Something outside ended the child: the machine for lack of memory, or an operator.

    Attributes:
        child: Whether it was the child alone that was ended, and not the nursery process.
    """

    def __init__(self, *, child: bool) -> None:
        super().__init__()
        self.child = child


@dataclass(frozen=True, slots=True)
class Parse:
    """What does not change from one parse of a format to the next.

    Attributes:
        nursery: Where processes come from.
        name: `module:attribute` of what makes the format, given the limits.
        limits: What one parse may cost.
        watch: Told how each child ended.
    """

    nursery: Nursery
    name: str
    limits: ParsingLimits
    watch: Callable[[Usage], None]

    def records(self, operation: str, arguments: list[Any], descriptors: list[int]) -> Iterator[dict[str, Any]]:
        """Results as they come.

        Raises:
            DocumentError: what was wrong with the document, or the limit that it reached.
            InterruptedParseError: it says nothing about the document; the parse may be tried again.
        """
        request = {
            "format": self.name,
            "operation": operation,
            "arguments": arguments,
            "limits": asdict(self.limits),
        }
        ended = _Ended()
        try:
            with self.nursery.lease() as process:
                yield from self._conversation(process, request, descriptors, ended)
        except WallTimeError as error:
            raise limit_reached("wall_seconds", self.limits) from error
        except LineTooLongError as error:
            raise limit_reached("max_page_characters", self.limits) from error
        except ProcessLostError as error:
            raise InterruptedParseError(child=False) from error
        if "unfiltered" in ended.told:
            _unfiltered(self.limits)
        if problem := ended.problem(self.limits):
            raise problem

    def _conversation(
        self, process: NurseryProcess, request: dict[str, Any], descriptors: list[int], ended: _Ended
    ) -> Iterator[dict[str, Any]]:
        reading, writing = os.pipe()
        try:
            try:
                document, *output = descriptors
                process.ask(request, [document, writing, *output])
            finally:
                os.close(writing)
            longest = _BYTES_A_CHARACTER * self.limits.max_page_characters + _LINE_BYTES
            for line in lines(reading, self.limits.wall_seconds, longest):
                record = json.loads(line)
                if record.keys() & set(_RESULTS):
                    yield record
                else:
                    ended.told.update(record)
        finally:
            os.close(reading)
        ended.usage = process.ending(_END_SECONDS)
        self.watch(ended.usage)


@cache
def _unfiltered(limits: ParsingLimits) -> None:
    """Say once that parsers are confined by the interpreter alone, or that this will not do.

    Raises:
        ConfigurationError: the stack requires more.
    """
    if limits.require_filter:
        raise ConfigurationError(
            "the kernel takes no filter of system calls, which SYSTEM_CALL_FILTER=required asks for: no file is read"
        )
    logger.warning("the kernel takes no filter of system calls: parsers are confined by the interpreter alone")


class _Ended:
    """What a child told besides its results, and how it ended."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.usage = Usage(status=0, cpu_seconds=0.0, peak_bytes=0, start_bytes=0)

    def problem(self, limits: ParsingLimits) -> DocumentError | None:
        """The error to raise; None when all went well.

        Raises:
            InterruptedParseError: the end says nothing about the document.
        """
        if "error" in self.told:
            return own_error(*self.told["error"])
        if "limit" in self.told:
            return limit_reached(self.told["limit"], limits)
        if "fault" in self.told:
            name, frames = self.told["fault"]
            return parser_fault(name, tuple(frames))
        return None if "done" in self.told else self._untold(limits)

    def _untold(self, limits: ParsingLimits) -> DocumentError:
        usage = self.usage
        if usage.status >= 0:
            return parser_fault(f"exit {usage.status}", ())
        if problem := ended_by_signal(-usage.status, usage.peak_bytes - usage.start_bytes, limits):
            return problem
        if usage.status == -signal.SIGKILL and usage.cpu_seconds >= limits.cpu_seconds:
            return limit_reached("cpu_seconds", limits)
        raise InterruptedParseError(child=True)


@contextmanager
def readable(file: IO[bytes]) -> Iterator[int]:
    """A descriptor to read the file by: with a position of its own, and not to write by, where the system can do that.

    A file that is in memory only goes to the disk for it.
    """
    number = _descriptor(file)
    if number is None:
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            with readable(copy) as descriptor:
                yield descriptor
        return
    file.flush()
    descriptor = _reopened(number)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _descriptor(file: IO[bytes]) -> int | None:
    try:
        return file.fileno()
    except OSError:  # io.UnsupportedOperation: it is in memory
        return None


def _reopened(number: int) -> int:
    try:
        return os.open(f"/proc/self/fd/{number}", os.O_RDONLY)
    except OSError:
        return os.dup(number)
