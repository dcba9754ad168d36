"""Whether lines of plain text detection look like a table, so that the page is worth being analysed for tables.

A sign is a run of rows whose cells, short texts and numbers, stand under each other. The thresholds were measured on
real responses of table analysis whose lines were taken alone (docs/decisions/0015).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean

from docqa.adapters.textract.blocks import Line
from docqa.adapters.textract.reading_order import rows

# Rows in a run, and cells that stand under one of the row before: two rows may be a letterhead.
_FEWEST_ROWS = 3
_FEWEST_COLUMNS = 2
# Of the page's width: the edges of cells in one column differ by less.
_TOLERANCE = 0.012
# Words of a cell, on average over a run of three columns and more; prose has more, and rarely stands in three columns.
_CELL_WORDS = 6.0
# Two columns may be a form or an address: a table has a number in so many of its rows, or is long, with short cells.
_NUMBERS_SHARE = 0.5
_PAIR_WORDS = 4.0
_LONG_RUN, _SHORT_CELL_WORDS = 4, 2.0
_NUMBER = re.compile(r"[^\w]*\d[\d\s.,:/%-]*[^\w]*(?:[A-Z]{1,3})?")


def shows_table(lines: Sequence[Line]) -> bool:
    """Whether a table is to be seen among the lines of a page."""
    run: list[list[Line]] = []
    for row in rows([line for line in lines if not line.is_astray]):
        if run and _in_columns(run[-1], row) < _FEWEST_COLUMNS:
            if _is_table(run):
                return True
            run = []
        if len(row) >= _FEWEST_COLUMNS:
            run.append(row)
        else:
            if _is_table(run):
                return True
            run = []
    return _is_table(run)


def _in_columns(above: Sequence[Line], row: Sequence[Line]) -> int:
    return sum(any(_is_under(cell, other) for other in above) for cell in row)


def _is_under(cell: Line, above: Line) -> bool:
    """Whether two cells share their left edge, their right one or their middle."""
    left, right = cell.box.left - above.box.left, cell.box.right - above.box.right
    return min(abs(left), abs(right), abs(left + right) / 2) <= _TOLERANCE


def _is_table(run: Sequence[Sequence[Line]]) -> bool:
    if len(run) < _FEWEST_ROWS:
        return False
    words = fmean(len(cell.text.split()) for row in run for cell in row)
    if max(len(row) for row in run) > _FEWEST_COLUMNS:
        return words <= _CELL_WORDS
    numbers = sum(any(_NUMBER.fullmatch(cell.text) for cell in row) for row in run)
    return (numbers >= _NUMBERS_SHARE * len(run) and words <= _PAIR_WORDS) or (
        len(run) >= _LONG_RUN and words <= _SHORT_CELL_WORDS
    )
