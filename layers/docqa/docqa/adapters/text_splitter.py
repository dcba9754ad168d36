"""Cutting pages into passages, by langchain-text-splitters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from langchain_text_splitters import RecursiveCharacterTextSplitter

from docqa.domain.chunk_rules import chunk_settings, overlap_characters
from docqa.domain.headings import HeadingPath
from docqa.errors import ConfigurationError
from docqa.models.chunk import Chunk
from docqa.models.page import Page

_SMALLEST = 200
# Best place first: between paragraphs, after a sentence that ends its line, between sentences, lines, words. PDF text
# breaks its lines in the middle of sentences, so a line's end alone says little.
_SEPARATORS = [r"\n\n", r"(?<=[.!?:])\n", r"(?<=[.!?])\s", r"\n", r"\s", ""]


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
            chunk_size=characters,
            chunk_overlap=self._overlap,
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
                    yield Chunk(ordinal, page.number, start, end, page.text[start:end], section.headings)
                    ordinal += 1

    def _cut(self, text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
        start, end = first - 1, first
        for piece in self._splitter.split_text(text[first:last]):
            # Repeated text may be found too early, never wrongly: the span holds exactly these characters.
            found = text.find(piece, max(start + 1, end - self._overlap), last)
            start = found if found >= 0 else text.index(piece, start + 1, last)
            end = start + len(piece)
            yield start, end
