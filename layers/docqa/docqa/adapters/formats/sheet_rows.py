"""Rows of cells, as sheets and CSV files have them, as pages with captions and pipe tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from docqa.adapters.formats.pieces import Piece
from docqa.domain.hidden_marks import hide
from docqa.domain.tables import pipe_table

# A printed page has some 50 rows; a passage has 10 to 50. A reader finds a page of 500 by its row numbers.
PAGE_ROWS = 500
# Rows of hundreds of columns fill a page long before there are 500 of them.
PAGE_CHARACTERS = 100_000
_FIGURE = re.compile(r"^[\W\d]*\d[\W\d]*[A-Za-z]{0,3}$")


@dataclass(slots=True)
class _Page:
    """What has come since the last page was finished."""

    start: int
    blocks: list[str] = field(default_factory=list)
    rows: list[Sequence[str]] = field(default_factory=list)
    count: int = 0
    characters: int = 0

    def text(self, header: Sequence[str] | None) -> str:
        table = pipe_table([header, *self.rows]) if header is not None else ""
        return "\n\n".join([*self.blocks, *([table] if table else [])])


class RowsToPages:
    """Puts rows together: a lone cell is a caption, the first full row below names the columns.

    Attributes:
        name: What the reader calls the whole; empty for a file that is one table.
        heading: Stands above the text of each page.
        hidden: No reader of the document sees it.
    """

    def __init__(self, name: str = "", *, heading: str = "", hidden: bool = False) -> None:
        self.name, self.heading, self.hidden = name, heading, hidden
        self._header: Sequence[str] | None = None
        self._gap = False

    def pages(self, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Piece]:
        """Pages of the rows, each with its number (1-based); every page of a table begins with its column names."""
        page, number, several = _Page(1), 0, False
        for number, row in rows:
            if page.count >= PAGE_ROWS or page.characters >= PAGE_CHARACTERS:
                several = True
                yield self._piece(page, number - 1, several=several)
                page = _Page(number)
            self._take(row, page)
        if page.count or not several:
            yield self._piece(page, number, several=several)

    def _take(self, row: Sequence[str], page: _Page) -> None:
        filled = [cell for cell in row if cell.strip()]
        if not filled:
            self._gap = True
            return
        if self._header is None or (self._gap and _begins_anew(filled)):
            self._begin(row, filled, page)
        else:
            page.rows.append(row)
        self._gap = False
        page.count += 1
        page.characters += sum(map(len, row))

    def _begin(self, row: Sequence[str], filled: list[str], page: _Page) -> None:
        """A row outside any table: a caption, or the names of a table's columns."""
        if self._header is not None:
            page.blocks[:] = [page.text(self._header)] if page.rows or page.count else page.blocks
            page.rows.clear()
        if len(filled) == 1:
            caption = " ".join(filled[0].split())
            if self._header is None and page.blocks and not self._gap:
                page.blocks[-1] += f"\n{caption}"
            else:
                page.blocks.append(caption)
            self._header = None
        else:
            self._header = row

    def _piece(self, page: _Page, last: int, *, several: bool) -> Piece:
        text = page.text(self._header)
        if self.heading and text:
            text = f"# {' '.join(self.heading.split())}\n\n{text}"
        rows = f"rows {page.start}-{last}"
        label = (f"{self.name}, {rows}" if self.name else rows.capitalize()) if several else self.name
        return Piece(_hidden_lines(text) if self.hidden else text, label)


def _begins_anew(filled: list[str]) -> bool:
    """Whether a row below an empty one is a caption or names columns, and is not a row of the table above."""
    return not any(_FIGURE.match(cell.strip()) for cell in filled)


def _hidden_lines(text: str) -> str:
    return "\n".join(hide(line) for line in text.split("\n"))
