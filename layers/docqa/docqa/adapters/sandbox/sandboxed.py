"""Readers of documents whose every parse runs in a child process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from pydantic import TypeAdapter

from docqa.adapters.sandbox.endings import limit_reached
from docqa.adapters.sandbox.nursery import Nursery, Usage
from docqa.adapters.sandbox.parse import InterruptedParseError, Parse, readable
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import ConfigurationError
from docqa.models.page import Page
from docqa.ports.reading import DocumentFormat, Outline, TypeDetector

# What comes back is another process's word: types are checked.
_KIND = TypeAdapter(str)
_OUTLINE = TypeAdapter(Outline)
_PAGE = TypeAdapter(Page)
# A parse that something outside ended is done once more; a file that brings the machine down twice is refused.
_ATTEMPTS = 2


def _unwatched(_: Usage) -> None:
    """Nobody measures."""


class _InAProcess:
    def __init__(
        self,
        maker: Callable[[ParsingLimits], object],
        limits: ParsingLimits,
        nursery: Nursery,
        watch: Callable[[Usage], None] = _unwatched,
    ) -> None:
        """Take what to make and where.

        Args:
            maker: A function or class of a module's top level; it is called on the other side, by its name.
            limits: What one parse may cost.
            nursery: Where the processes come from; all readers of a function share it.
            watch: Told how each child ended, for measurements.
        """
        name = f"{maker.__module__}:{maker.__qualname__}"
        if "." in maker.__qualname__:
            raise ConfigurationError(f"{name} cannot be found by name from another process: put it at the top level")
        self._limits = limits
        self._parse = Parse(nursery, name, limits, watch)

    def _result(self, operation: str, arguments: list[Any], descriptors: list[int]) -> dict[str, Any]:
        """The one result of a parse that has only one."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                (record,) = self._parse.records(operation, arguments, descriptors)
            except InterruptedParseError as error:
                self._judge(attempt, error)
                continue
            return record
        raise AssertionError("the last attempt returns or raises")

    def _judge(self, attempt: int, error: InterruptedParseError) -> None:
        """Let the parse be tried again, or say what it means that it was ended each time."""
        if attempt < _ATTEMPTS:
            return
        if error.child:
            raise limit_reached("memory_bytes", self._limits) from error
        raise ConfigurationError("the process that reads documents does not start: see the function's log") from error


class SandboxedDetector(_InAProcess):
    """Implements `ports.TypeDetector` by the one that `maker` makes in a clean process."""

    def __init__(
        self,
        maker: Callable[[ParsingLimits], TypeDetector],
        limits: ParsingLimits,
        nursery: Nursery,
        watch: Callable[[Usage], None] = _unwatched,
    ) -> None:
        super().__init__(maker, limits, nursery, watch)

    def detect(self, file: IO[bytes], name: str) -> str:
        """The media type."""
        with readable(file) as document:
            return _KIND.validate_python(self._result("detect", [name], [document])["kind"])


class Sandboxed(_InAProcess):
    """Implements `ports.DocumentFormat` and `ports.PageSelector` by the one that `maker` makes in a clean process."""

    def __init__(
        self,
        maker: Callable[[ParsingLimits], DocumentFormat],
        limits: ParsingLimits,
        nursery: Nursery,
        watch: Callable[[Usage], None] = _unwatched,
    ) -> None:
        super().__init__(maker, limits, nursery, watch)

    def outline(self, file: IO[bytes]) -> Outline:
        """Look at the whole file without reading all of it."""
        with readable(file) as document:
            return _OUTLINE.validate_python(self._result("outline", [], [document])["outline"])

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """Pages in order, as they come; their number and their characters are counted."""
        characters = count = 0
        with readable(file) as document:
            for page in self._pages(document, first, last):
                count += 1
                characters += len(page.text)
                if count > self._limits.max_pages:
                    raise limit_reached("max_pages", self._limits)
                if len(page.text) > self._limits.max_page_characters:
                    raise limit_reached("max_page_characters", self._limits)
                if characters > self._limits.max_total_characters:
                    raise limit_reached("max_total_characters", self._limits)
                yield page

    @contextmanager
    def select(self, file: IO[bytes], numbers: Sequence[int]) -> Iterator[IO[bytes]]:
        """An unencrypted document of just these pages; the file itself when that is what it is."""
        with readable(file) as document, tempfile.TemporaryFile() as output:
            record = self._result("select", list(numbers), [document, output.fileno()])
            selected = file if record["selected"] == "itself" else output
            selected.seek(0)
            yield selected

    def _pages(self, document: int, first: int, last: int) -> Iterator[Page]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                for record in self._parse.records("read", [first, last], [document]):
                    page = _PAGE.validate_python(record["page"])
                    first = page.number + 1
                    yield page
            except InterruptedParseError as error:
                self._judge(attempt, error)
                continue
            return
