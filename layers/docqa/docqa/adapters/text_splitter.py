"""Cutting pages into passages, by langchain-text-splitters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from langchain_text_splitters import RecursiveCharacterTextSplitter

from docqa.domain.chunk_rules import chunk_settings, overlap_characters
from docqa.domain.headings import HeadingPath
from docqa.domain.visible_text import spans_within
from docqa.errors import ConfigurationError
from docqa.models.chunk import Chunk
from docqa.models.page import Page

_SMALLEST = 200
# Best place first: between paragraphs, after a sentence that ends its line, between sentences, lines, words. PDF text
# breaks its lines in the middle of sentences, so a line's end alone says little.
_SEPARATORS = [r"\n\n", r"(?<=[.!?:])\n", r"(?<=[.!?])\s", r"\n", r"\s", ""]
# Where a sentence or a line begins.
_BEGINNING = re.compile(r"(?<=[.!?:])\s+(?=\S)|\n+(?=\S)")


class LangChainSplitter:
    """Implements `ports.Splitter`: within a page and below one heading, at most `characters` long."""

    def __init__(self, characters: int) -> None:
        if characters < _SMALLEST:
            raise ConfigurationError(f"CHUNK_CHARACTERS is {characters}; a passage needs at least {_SMALLEST}")
        self._characters = characters
        self._overlap = overlap_characters(characters)
        self._splitter = RecursiveCharacterTextSplitter(
            separators=_SEPARATORS,
            is_separator_regex=True,
            keep_separator="end",
            # Without its own overlap the pieces follow each other, so that their places in the text are certain.
            chunk_size=characters - self._overlap,
            chunk_overlap=0,
        )

    @property
    def settings(self) -> Mapping[str, object]:
        """Size, overlap and version of the rules."""
        return chunk_settings(self._characters)

    def split(self, pages: Iterable[Page]) -> Iterator[Chunk]:
        """Chunks in reading order."""
        ordinal = 0
        headings = HeadingPath()
        for page in pages:
            for section in headings.sections(page.text):
                for start, end in self._cut(page.text, section.start, section.end):
                    yield Chunk(
                        ordinal,
                        page.number,
                        start,
                        end,
                        page.text[start:end],
                        section.headings,
                        label=page.label,
                        hidden=spans_within(page.hidden, start, end),
                    )
                    ordinal += 1

    def _cut(self, text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Spans between `first` and `last`, each reaching back over the end of the one before it."""
        end = first
        for piece in self._splitter.split_text(text[first:last]):
            start = text.index(piece, end, last)
            yield self._reach_back(text, first, start), start + len(piece)
            end = start + len(piece)

    def _reach_back(self, text: str, first: int, start: int) -> int:
        """The earliest sentence or line that begins within the overlap before `start`; else `start` itself."""
        earliest = max(first, start - self._overlap)
        if earliest == first:
            return start - len(text[first:start].lstrip())
        found = _BEGINNING.search(text, earliest, start)
        return found.end() if found else start
