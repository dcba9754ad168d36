"""A document format whose every parse runs in a child process."""

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
from docqa.ports.reading import DocumentFormat, Outline

# What comes back is another process's word: types are checked.
_PAGE = TypeAdapter(Page)
_OUTLINE = TypeAdapter(Outline)
# A parse that something outside ended is done once more; a file that brings the machine down twice is refused.
_ATTEMPTS = 2

Maker = Callable[[ParsingLimits], DocumentFormat]


class Sandboxed:
    """Implements `ports.DocumentFormat` and `ports.PageSelector` by those that `maker` makes in a clean process.

    Args:
        maker: A function or class of a module's top level; it is called on the other side, by its name.
        limits: What one parse may cost.
        nursery: Where the processes come from; formats of one function share it.
        watch: Told how each child ended, for measurements.
    """

    def __init__(
        self,
        maker: Maker,
        limits: ParsingLimits,
        nursery: Nursery,
        watch: Callable[[Usage], None] = lambda _: None,
    ) -> None:
        name = f"{maker.__module__}:{maker.__qualname__}"
        if "." in maker.__qualname__:
            raise ConfigurationError(f"{name} cannot be found by name from another process: put it at the top level")
        self._limits = limits
        self._parse = Parse(nursery, name, limits, watch)

    def outline(self, file: IO[bytes]) -> Outline:
        """Look at the whole file without reading all of it."""
        with readable(file) as document:
            record = self._whole("outline", [], [document])
        return _OUTLINE.validate_python(record["outline"])

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
            record = self._whole("select", list(numbers), [document, output.fileno()])
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

    def _whole(self, operation: str, numbers: list[int], descriptors: list[int]) -> dict[str, Any]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                (record,) = self._parse.records(operation, numbers, descriptors)
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
