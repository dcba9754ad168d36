"""Tables of a Textract response as Markdown pipe tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from statistics import fmean

from docqa.adapters.textract.blocks import Block, PageBlocks
from docqa.adapters.textract.geometry import Box

# A table of two columns or fewer that the service did not call structured and whose cells hold so many words on average
# is prose in two columns.
_PROSE_WORDS = 3.5
_PROSE_COLUMNS = 2
_KINDS = frozenset({"STRUCTURED_TABLE", "SEMI_STRUCTURED_TABLE"})
_CHECKED, _UNCHECKED = "[x]", "[ ]"
MARKS = frozenset({_CHECKED, _UNCHECKED})

Grid = list[list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is written into the page's text.

    Attributes:
        title, footer: What stands above and below it as part of it; empty when there is none.
        header: One text a column; all empty when the table states none.
        rows: The other rows.
        words: Ids of the words that are in it.
    """

    title: str
    header: list[str]
    rows: Grid
    footer: str
    words: frozenset[str]
    box: Box

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return len(self.header)

    @property
    def has_header(self) -> bool:
        """Whether any column says what it holds."""
        return any(self.header)

    def under(self, header: Sequence[str]) -> Table:
        """The table with the header of the one that it continues."""
        return replace(self, header=list(header))

    @property
    def markdown(self) -> str:
        """Title, pipe table, footer."""
        rows = [self.header, ["---"] * self.columns, *self.rows]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n\n".join(part for part in (self.title, "\n".join(lines), self.footer) if part)


def read_tables(page: PageBlocks) -> list[Table]:
    """The tables of a page. What is prose in columns is left to the lines, and so is a table without any text."""
    tables = []
    taken: set[str] = set()
    for block in page.of_type("TABLE"):
        reader = _TableReader(page, block, taken)
        if not reader.is_prose:
            table = reader.read()
            if table.words - taken:
                tables.append(table)
                taken |= table.words
    return tables


def mark(block: Block) -> str:
    """A check box as Markdown writes it."""
    return _CHECKED if block.get("SelectionStatus") == "SELECTED" else _UNCHECKED


@dataclass
class _TableReader:
    """Reads one TABLE block; words that another table has are passed over."""

    page: PageBlocks
    table: Block
    taken: set[str]
    words: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.cells = [block for block in self.page.related(self.table) if block["BlockType"] == "CELL"]

    @property
    def is_prose(self) -> bool:
        """Whether the service took columns of prose for a table."""
        kinds = set(self.table.get("EntityTypes") or ())
        if kinds & _KINDS or any(cell.get("EntityTypes") for cell in self.cells):
            return False
        if max((cell["ColumnIndex"] for cell in self.cells), default=0) > _PROSE_COLUMNS:
            return False
        counts = [count for cell in self.cells if (count := len(list(self.page.related(cell))))]
        return bool(counts) and fmean(counts) >= _PROSE_WORDS

    def read(self) -> Table:
        """The whole table."""
        kinds = self._kinds_by_row()
        above = self._titles(kinds)
        below = [row for row in kinds if kinds[row] == "TABLE_FOOTER"]
        heads = _heads({row: kind for row, kind in kinds.items() if row not in above})
        title = [self._attached("TABLE_TITLE")]
        grid = self._grid(set(heads))
        title += [_joined(grid[row]) for row in above]
        footer = [_joined(grid[row]) for row in below] + [self._attached("TABLE_FOOTER")]
        body = [cells for row, cells in grid.items() if row not in {*above, *below, *heads} and any(cells)]
        width = max(map(len, grid.values()), default=1)
        header = [" ".join(filter(None, (grid[row][at] for row in heads))) for at in range(width)]
        return Table(_lines(title), header, body, _lines(footer), frozenset(self.words), self.page.box(self.table))

    def _kinds_by_row(self) -> Mapping[int, str]:
        """What each row is, where all of its cells that hold something say the same."""
        kinds: dict[int, set[str]] = {}
        for cell in self.cells:
            own = set(cell.get("EntityTypes") or ())
            if own or list(self.page.related(cell)):
                kinds.setdefault(cell["RowIndex"], set()).update(own or {""})
        rows = sorted({cell["RowIndex"] for cell in self.cells})
        return {row: _only(kinds.get(row, set())) for row in rows}

    def _titles(self, kinds: Mapping[int, str]) -> list[int]:
        """Rows called titles, and those with one cell in use above the headings of the columns."""
        first = next((row for row, kind in kinds.items() if kind == "COLUMN_HEADER"), 0)
        used = Counter(cell["RowIndex"] for cell in self.cells if list(self.page.related(cell)))
        return [row for row, kind in kinds.items() if kind == "TABLE_TITLE" or (row < first and used[row] <= 1)]

    def _grid(self, heads: set[int]) -> dict[int, list[str]]:
        """Texts by row and column. A merged cell's text stands in its first one, a merged heading over each column."""
        width = max((cell["ColumnIndex"] for cell in self.cells), default=1)
        grid = {row: [""] * width for row in sorted({cell["RowIndex"] for cell in self.cells})}
        merged: set[str] = set()
        for cell in self.page.related(self.table, "MERGED_CELL"):
            parts = [part for part in self.page.related(cell) if part["Id"] not in merged]
            if not parts:
                continue
            merged.update(part["Id"] for part in parts)
            text = self._text([child for part in parts for child in self.page.related(part)])
            first = min(part["RowIndex"] for part in parts)
            columns = sorted({part["ColumnIndex"] for part in parts})
            for column in columns if first in heads else columns[:1]:
                grid[first][column - 1] = text
        for cell in self.cells:
            if cell["Id"] not in merged:
                grid[cell["RowIndex"]][cell["ColumnIndex"] - 1] = self._text(list(self.page.related(cell)))
        return grid

    def _attached(self, kind: str) -> str:
        """The title or the footers that stand outside the grid."""
        return _lines([self._text(list(self.page.related(one))) for one in self.page.related(self.table, kind)])

    def _text(self, children: list[Block]) -> str:
        """Words and marks in reading order, safe inside a cell."""
        parts = []
        for child in self.page.in_reading_order(children):
            if child["BlockType"] == "SELECTION_ELEMENT":
                parts.append(mark(child))
            elif child["BlockType"] == "WORD" and child["Id"] not in self.taken | self.words:
                self.words.add(child["Id"])
                parts.append(child["Text"].replace("|", "\\|"))
        return " ".join(parts)


def _heads(kinds: Mapping[int, str]) -> list[int]:
    """The rows of headings that a table begins with; those further down stay where they are, and some row is none."""
    leading = list(takewhile(lambda row: kinds[row] == "COLUMN_HEADER", kinds))
    return leading if len(leading) < len(kinds) else leading[:1]


def _only(kinds: set[str]) -> str:
    return next(iter(kinds)) if len(kinds) == 1 else ""


def _joined(cells: Sequence[str]) -> str:
    return " ".join(filter(None, cells))


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(filter(None, texts))
