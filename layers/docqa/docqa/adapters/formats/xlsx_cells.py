"""The cells of a sheet as texts, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from docqa.adapters.formats.xlsx_layout import SheetLayout
from docqa.domain.hidden_marks import hide, without_marks
from docqa.domain.number_formats import Shown, shown


def sheet_rows(sheet: ReadOnlyWorksheet, layout: SheetLayout) -> Iterator[tuple[int, Sequence[str]]]:
    """Number and cells of each row; a cell that reaches over several rows stands in each of them."""
    reaching: dict[int, tuple[str, int]] = {}
    for number, cells in enumerate(sheet.rows, start=1):
        texts: list[str] = []
        for column, cell in enumerate(cells, start=1):
            # Cells that the file leaves out have no style and no value.
            value = None if cell.value is None else shown(_plain(cell.value), cell.number_format)
            text = without_marks(value if value is not None else layout.formulas.get((number, column), ""))
            if (number, column) in layout.spans:
                reaching[column] = (text, layout.spans[number, column])
            elif not text and column in reaching and reaching[column][1] >= number:
                text = reaching[column][0]
            texts.append(hide(text) if layout.hides(number, column) else text)
        yield number, texts


def _plain(value: object) -> Shown:
    """Values of kinds that have no number format (rich text) as what they say."""
    return value if isinstance(value, Shown) else str(value)
