"""Tables in what a model wrote, as lists: one line a row, each cell with the name of its column."""

from __future__ import annotations

import re

from docqa.domain.tables import find_tables

_CELL_BORDER = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+\s*$")


def tables_as_lists(text: str) -> str:
    """The text with a list item in place of each table row; the rest as it is."""
    lines, at = [], 0
    for table in find_tables(text):
        lines.append(text[at : table.start])
        header = table.header(text)
        lines += [f"- {cells_with_names(text[start:end], header)}\n" for start, end in table.rows]
        at = table.end
    lines.append(text[at:])
    return "".join(lines)


def cells_with_names(row: str, header: str) -> str:
    """`Aircraft: Balloons; Landing fee: 20`; citation marks stay at the end.

    Args:
        row: A line of a pipe table.
        header: The rows above it that name its columns; empty: the cells alone.
    """
    marks = "".join(match.group().strip() for cell in _split(row) for match in _MARKS.finditer(cell))
    names = [_plain(cell) for cell in _split(header.partition("\n")[0])]
    cells = [(names[n] if n < len(names) else "", _plain(cell)) for n, cell in enumerate(_split(row))]
    named = "; ".join(_named(name, cell) for name, cell in cells if cell)
    return f"{named} {marks}" if marks else named


def _named(name: str, cell: str) -> str:
    return f"{name}: {cell}" if name and name != cell else cell


def _split(row: str) -> list[str]:
    return _CELL_BORDER.split(row.strip().removeprefix("|").removesuffix("|"))


def _plain(cell: str) -> str:
    return _MARKS.sub("", cell.replace("\\|", "|")).strip()
