"""Tables in page text: GitHub's pipe tables, one row a line, the second of them dashes.

Every source of tables writes them with `pipe_table`, and the splitter finds them with `find_tables`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$")
_DELIMITER = re.compile(r"^[ \t]*\|([ \t]*:?-+:?[ \t]*\|)+[ \t]*$")
_LINE_BREAKS = re.compile(r"\s*\n\s*")
_SPACES = re.compile(r"[ \t\u00a0]+")


@dataclass(frozen=True, slots=True)
class Table:
    """A table within a text.

    Attributes:
        start, end: Its place, the last line's own end not included.
        header_end: Where the delimiter row's line ends; what follows are the rows.
        rows: Place of each row below the delimiter, line ends not included.
    """

    start: int
    end: int
    header_end: int
    rows: tuple[tuple[int, int], ...]

    def header(self, text: str) -> str:
        """The rows that name the columns: header and delimiter."""
        return text[self.start : self.header_end]


def pipe_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a pipe table; the first that holds anything names the columns.

    Columns and rows without anything in them are left out, short rows are filled up.

    Returns:
        The table without a line end behind it; empty when no cell holds anything.
    """
    cells = [[cell_text(cell) for cell in row] for row in rows if any(cell.strip() for cell in row)]
    used = sorted({column for row in cells for column, cell in enumerate(row) if cell})
    if not used:
        return ""
    lines = [_line([row[column] if column < len(row) else "" for column in used]) for row in cells]
    return "\n".join([lines[0], _line(["---"] * len(used)), *lines[1:]])


def cell_text(text: str) -> str:
    """A cell's text on one line, with its own pipes escaped."""
    return _SPACES.sub(" ", _LINE_BREAKS.sub(" ", text.strip())).replace("|", "\\|")


def find_tables(text: str, start: int = 0, end: int | None = None) -> Iterator[Table]:
    """The tables between two places of the text, in order."""
    lines = list(_lines(text, start, len(text) if end is None else end))
    index = 0
    while index + 1 < len(lines):
        if not (_is(_ROW, text, lines[index]) and _is(_DELIMITER, text, lines[index + 1])):
            index += 1
            continue
        last = index + 2
        while last < len(lines) and _is(_ROW, text, lines[last]):
            last += 1
        yield Table(lines[index][0], lines[last - 1][1], lines[index + 1][1], tuple(lines[index + 2 : last]))
        index = last


def table_parts(table: Table, begin: int, characters: int) -> Iterator[tuple[int, int]]:
    """Spans of whole rows, the first of them from `begin` on; a row that is too long for one has a span of its own.

    Args:
        table: Where it stands in its text.
        begin: Where its caption begins, or the table itself.
        characters: Longest span; those behind the first leave room for the column names.
    """
    room = max(characters - (table.header_end - table.start) - 1, characters // 2)
    start, end, longest = begin, table.header_end, characters
    for first, last in table.rows:
        if last - start > longest:
            yield start, end
            start, longest = first, room
        end = last
    yield start, end


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _is(pattern: re.Pattern[str], text: str, line: tuple[int, int]) -> bool:
    return pattern.match(text[line[0] : line[1]]) is not None


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield start, stop
        start = stop + 1
