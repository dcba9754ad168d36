"""Tables of HTML: those that hold data become pipe tables, those that only arrange things become blocks."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from docqa.domain.tables import pipe_table

_PARTS = ("tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "col")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# A cell of data is a figure, a name, a sentence; a cell of this length is a column of a page.
_DATA_CELL_CHARACTERS = 2_000
# HTML's own limits are 1,000 columns and 65,534 rows.
_MAX_SPAN = 1_000


def dissolve_layout_tables(soup: BeautifulSoup) -> None:
    """Turn tables that arrange a page, as most mails have them, into the blocks that their reader sees."""
    for table in soup.find_all("table"):
        if _arranges(table):
            own = [part for part in table.find_all(_PARTS) if part.find_parent("table") is table]
            for part in [table, *own]:
                part.name = "div"


def _arranges(table: Tag) -> bool:
    if table.get("role") == "presentation" or table.find("table") or table.find(_HEADINGS):
        return True
    rows = [[cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])] for row in table.find_all("tr")]
    columns = max((sum(map(bool, row)) for row in rows), default=0)
    longest = max((len(cell) for row in rows for cell in row), default=0)
    return columns <= 1 or longest > _DATA_CELL_CHARACTERS


class TableConverter(MarkdownConverter):
    """markdownify, with tables as every format writes them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._cells: dict[int, str] = {}

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - markdownify's interface
        """Keep a cell's text until its table is whole."""
        self._cells[id(el)] = text
        return ""

    convert_th = convert_td

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - as above
        """Nothing: the table sets its rows."""
        return ""

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - as above
        """The caption, which is what is left of the text, and the table."""
        return f"\n\n{text.strip()}\n\n{pipe_table(self._rows(el))}\n\n"

    def _rows(self, table: Tag) -> list[list[str]]:
        """Cells row by row; one that reaches over several rows stands in each of them."""
        rows: list[list[str]] = []
        above: dict[int, tuple[str, int]] = {}
        for row in table.find_all("tr"):
            cells: list[str] = []
            below: dict[int, tuple[str, int]] = {}
            for cell in row.find_all(["td", "th"]):
                _reach_down(cells, above, below)
                text = self._cells.get(id(cell), "")
                if (down := _span(cell, "rowspan")) > 1:
                    below[len(cells)] = (text, down - 1)
                cells += [text, *[""] * (_span(cell, "colspan") - 1)]
            _reach_down(cells, above, below)
            rows.append(cells)
            above = below
        return rows


def _reach_down(cells: list[str], above: dict[int, tuple[str, int]], below: dict[int, tuple[str, int]]) -> None:
    """Add the cells of rows above that reach into this place."""
    while len(cells) in above:
        text, rows = above[len(cells)]
        if rows > 1:
            below[len(cells)] = (text, rows - 1)
        cells.append(text)


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return max(1, min(int(value), _MAX_SPAN)) if value.isdecimal() else 1
