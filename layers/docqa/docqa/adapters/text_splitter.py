"""Cutting pages into passages, by langchain-text-splitters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from langchain_text_splitters import RecursiveCharacterTextSplitter

from docqa.domain.chunk_rules import aimed_characters, chunk_settings
from docqa.domain.headings import HeadingPath
from docqa.domain.tables import Table, find_tables, table_parts
from docqa.domain.visible_text import spans_within
from docqa.errors import ConfigurationError
from docqa.models.chunk import Chunk
from docqa.models.page import Page

_SMALLEST = 200
_CAPTION_CHARACTERS = 200
# Best place first: between paragraphs, after a sentence that ends its line, between sentences, lines, words. PDF text
# breaks its lines in the middle of sentences, so a line's end alone says little.
_SEPARATORS = [r"\n\n", r"(?<=[.!?:])\n", r"(?<=[.!?])\s", r"\n", r"\s", ""]
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n|(?<=[.!?:])\n")


@dataclass(frozen=True, slots=True)
class _Span:
    """A passage in the making.

    Attributes:
        header: The column names, for the part of a table that stands below them.
    """

    start: int
    end: int
    header: str = ""
    is_table: bool = False


class LangChainSplitter:
    """Implements `ports.Splitter`: within a page and below one heading, at most `characters` long.

    Passages do not overlap. Short paragraphs share one, a long one is cut between sentences unless it just fits. A
    table is kept whole where it fits; else it is cut between rows, and later parts carry its column names.
    """

    def __init__(self, characters: int) -> None:
        if characters < _SMALLEST:
            raise ConfigurationError(f"CHUNK_CHARACTERS is {characters}; a passage needs at least {_SMALLEST}")
        self._characters = characters
        self._splitter = RecursiveCharacterTextSplitter(
            separators=_SEPARATORS,
            is_separator_regex=True,
            keep_separator="end",
            chunk_size=aimed_characters(characters),
            chunk_overlap=0,
        )

    @property
    def settings(self) -> Mapping[str, object]:
        """Size and version of the rules."""
        return chunk_settings(self._characters)

    def split(self, pages: Iterable[Page]) -> Iterator[Chunk]:
        """Chunks in reading order."""
        headings = HeadingPath()
        ordinal = 0
        for page in pages:
            headings.turn_to(page.label)
            for section in headings.sections(page.text):
                for span in _joined(self._spans(page.text, section.start, section.end), self._characters):
                    yield Chunk(
                        ordinal,
                        page.number,
                        span.start,
                        span.end,
                        page.text[span.start : span.end],
                        section.headings,
                        header=span.header,
                        label=page.label,
                        hidden=spans_within(page.hidden, span.start, span.end),
                    )
                    ordinal += 1

    def _spans(self, text: str, first: int, last: int) -> Iterator[_Span]:
        """Prose in pieces, tables whole or between their rows, in the order of the text."""
        for table in find_tables(text, first, last):
            caption = _caption(text, first, table.start)
            yield from (_Span(start, end) for start, end in self._cut(text, first, caption))
            yield from self._table(text, table, caption)
            first = table.end
        yield from (_Span(start, end) for start, end in self._cut(text, first, last))

    def _table(self, text: str, table: Table, caption: int) -> Iterator[_Span]:
        header = table.header(text)
        header = header if len(header) <= self._characters else ""
        if table.end - caption <= self._characters:
            yield _Span(caption, table.end, is_table=True)
            return
        for start, end in table_parts(table, caption, self._characters):
            above = header if start >= table.header_end else ""
            # A row that is longer than a passage is cut as prose is.
            cuts = self._cut(text, start, end) if end - start > self._characters else [(start, end)]
            for number, (one, other) in enumerate(cuts):
                yield _Span(one, other, above if number == 0 else above or header, is_table=True)

    def _cut(self, text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Spans between `first` and `last` that follow each other, none of them the mere rest of a paragraph."""
        begin = end = first
        for piece in self._splitter.split_text(text[first:last]):
            start = text.index(piece, end, last)
            belongs = not _PARAGRAPH_END.search(text, max(end - 1, begin), start)
            if end > begin and not (belongs and start + len(piece) - begin <= self._characters):
                yield begin, end
                begin = start
            elif end == begin:
                begin = start
            end = start + len(piece)
        if end > begin:
            yield begin, end


def _caption(text: str, first: int, table: int) -> int:
    """Where the line or two begin that stand right above a table and say what it is; else where the table begins."""
    above = text[first:table].rstrip()
    begin = above.rfind("\n\n") + 2 if "\n\n" in above else 0
    begin += len(above[begin:]) - len(above[begin:].lstrip())
    return first + begin if above and len(above) - begin <= _CAPTION_CHARACTERS else table


def _joined(spans: Iterable[_Span], characters: int) -> Iterator[_Span]:
    """Tables together with what stands before and behind them, where that fits into one passage."""
    held: _Span | None = None
    for span in spans:
        if held is None:
            held = span
        elif (held.is_table or span.is_table) and not span.header and span.end - held.start <= characters:
            held = replace(held, end=span.end, is_table=True)
        else:
            yield held
            held = span
    if held is not None:
        yield held
