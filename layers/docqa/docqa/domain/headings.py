"""Headings in Markdown text, and the sections below them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$")
# `invoice.pdf, page 2` and `Sheet Revenue, rows 501-1000` are places within invoice.pdf and the sheet.
_PLACE_WITHIN = re.compile(r"(^|, )(page|rows|part) \d+(-\d+)?$", re.IGNORECASE)
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")


@dataclass(frozen=True, slots=True)
class Section:
    """Text from one heading to the next, the heading's own line included: `text[start:end]`.

    Attributes:
        headings: Titles of the open headings, outermost first.
    """

    start: int
    end: int
    headings: tuple[str, ...]


class HeadingPath:
    """The headings that are open while a document is read page by page."""

    def __init__(self) -> None:
        self._open: tuple[tuple[int, str], ...] = ()
        self._part = ""

    def turn_to(self, label: str) -> None:
        """Begin a page with this label: headings of one sheet, slide or attachment say nothing about the next."""
        part = _PLACE_WITHIN.sub("", label)
        if part != self._part:
            self._part, self._open = part, ()

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the open headings, outermost first."""
        return tuple(title for _, title in self._open)

    def sections(self, text: str) -> Iterator[Section]:
        """The sections of the next page in order. A heading without text of its own stays with what follows it."""
        start, has_body = 0, False
        for position, line, heading in _lines(text):
            if heading:
                if has_body:
                    yield Section(start, position, self.titles)
                    start, has_body = position, False
                self._enter(len(heading[1]), heading[2])
            elif line.strip():
                has_body = True
        if text[start:].strip():
            yield Section(start, len(text), self.titles)

    def _enter(self, level: int, title: str) -> None:
        self._open = (*(one for one in self._open if one[0] < level), (level, title))


def first_heading(text: str) -> str:
    """The first heading of the text; empty when it has none."""
    return next((heading[2] for _, _, heading in _lines(text) if heading), "")


def _lines(text: str) -> Iterator[tuple[int, str, re.Match[str] | None]]:
    """Offset and text of each line, and its match as a heading; nothing inside a code fence is one."""
    position, fence = 0, ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        yield position, line, None if fence or mark else _HEADING.match(line.rstrip("\n"))
        position += len(line)
