"""The pages of a finished job out of its result, which comes in pieces of up to 1,000 blocks.

A page may stretch over several pieces. The position after each page says in which piece the next one begins, so that
reading goes on there later, in another process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from docqa.adapters.textract.blocks import Block, PageBlocks
from docqa.adapters.textract.page_text import ReadPage, read_page
from docqa.adapters.textract.table_signs import shows_table
from docqa.models.page import Page, ReadingMethod
from docqa.models.work import OcrFeatures
from docqa.ports.reading import ExtractedPage

# The piece of a result that a token names; the first one's is empty.
Fetch = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Position:
    """Where reading goes on.

    Attributes:
        token: Names the piece in which the next page begins.
        after: Pages of the job, counted from 1, that were read.
        header: The columns of the table that the last one ended with.
    """

    token: str = ""
    after: int = 0
    header: list[str] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> _Position:
        return cls(**json.loads(text)) if text else cls()

    def __str__(self) -> str:
        return json.dumps({"token": self.token, "after": self.after, "header": self.header}, ensure_ascii=False)


class ResultReader:
    """Reads one job's result from a position on."""

    def __init__(self, fetch: Fetch, features: OcrFeatures, numbers: Sequence[int], position: str) -> None:
        self._fetch = fetch
        self._features = features
        self._numbers = numbers
        self._position = _Position.parse(position)
        self._warned: dict[int, str] = {}

    def pages(self) -> Iterator[ExtractedPage]:
        """The pages that are left, each once."""
        for page, blocks, token in self._as_sent():
            yield from self._missing(page - 1)
            if page <= len(self._numbers):
                yield self._extracted(page, PageBlocks(blocks), token)
        yield from self._missing(len(self._numbers))

    def _as_sent(self) -> Iterator[tuple[int, list[Block], str]]:
        """Number and blocks of each page, and the token of the piece in which the next one begins."""
        page, blocks = 0, list[Block]()
        for token, answer in self._pieces():
            self._note_warnings(answer)
            for number, found in groupby(answer.get("Blocks") or (), key=lambda block: int(block.get("Page") or 1)):
                if number <= self._position.after:
                    continue
                if page and number != page:
                    yield page, blocks, token
                    blocks = []
                page = number
                blocks += found
        if page > self._position.after:
            yield page, blocks, self._position.token

    def _pieces(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        token = self._position.token
        while True:
            answer = self._fetch(token)
            yield token, answer
            token = answer.get("NextToken") or ""
            if not token:
                return

    def _note_warnings(self, answer: Mapping[str, Any]) -> None:
        for warning in answer.get("Warnings") or ():
            for page in warning.get("Pages") or ():
                self._warned[page] = warning.get("ErrorCode", "")

    def _extracted(self, page: int, blocks: PageBlocks, token: str) -> ExtractedPage:
        read = read_page(blocks, self._position.header)
        header = read.tables[-1].header if read.ends_with_table and read.tables[-1].has_header else []
        follows = page < len(self._numbers) and self._numbers[page] == self._numbers[page - 1] + 1
        self._position = _Position(token, page, header if follows else [])
        return self._result(self._page(page, read, blocks), shows=shows_table(blocks.lines))

    def _page(self, page: int, read: ReadPage, blocks: PageBlocks) -> Page:
        number = self._numbers[page - 1]
        if not read.text and page in self._warned:
            return self._unreadable(page)
        if not read.text:
            return Page(number, "", ReadingMethod.EMPTY, "text extraction found no text on the picture")
        found = [_counted(len(blocks.lines), "line"), *([_counted(len(read.tables), "table")] if read.tables else [])]
        reason = f"{' and '.join(found)} extracted"
        return Page(number, read.text, ReadingMethod.OCR, reason, round(blocks.confidence(), 4))

    def _missing(self, until: int) -> Iterator[ExtractedPage]:
        """The pages up to this one that did not come back."""
        while self._position.after < until:
            page = self._position.after + 1
            self._position = _Position(self._position.token, page)
            yield self._result(self._unreadable(page), shows=False)

    def _unreadable(self, page: int) -> Page:
        reason = "text extraction returned nothing for the page"
        if code := self._warned.get(page):
            reason = f"{reason} ({code})"
        return Page(self._numbers[page - 1], "", ReadingMethod.UNREADABLE, reason, confidence=0.0)

    def _result(self, page: Page, *, shows: bool) -> ExtractedPage:
        return ExtractedPage(page, shows and self._features is OcrFeatures.TEXT, str(self._position))


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
