"""Plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from docqa.adapters.text_decoding import read_text
from docqa.domain.page_text import keep
from docqa.models.page import Page, ReadingMethod
from docqa.ports.reading import Outline

# 20 MB are some 8,000 printed pages; in memory as text twice, far below 1 GB.
TEXT_MAX_BYTES = 20_000_000
_FORM_FEED = "\f"
_OPENING_CHARACTERS = 1_000


class PlainTextFormat:
    """Implements `ports.DocumentFormat`. Form feeds divide pages; without any there is one page."""

    def outline(self, file: IO[bytes]) -> Outline:
        """Pages and first lines."""
        text = read_text(file, TEXT_MAX_BYTES)
        return Outline(pages=text.count(_FORM_FEED) + 1, opening=text[:_OPENING_CHARACTERS])

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """Pages with their text as it stands."""
        pages = read_text(file, TEXT_MAX_BYTES).split(_FORM_FEED)
        for number in range(first, last + 1):
            yield text_page(number, keep(pages[number - 1]))


def text_page(number: int, text: str) -> Page:
    """A page whose text is known; EMPTY when there is none."""
    if not text.strip():
        return Page(number, "", ReadingMethod.EMPTY, "no text")
    return Page(number, text, ReadingMethod.TEXT_LAYER, "text file")
