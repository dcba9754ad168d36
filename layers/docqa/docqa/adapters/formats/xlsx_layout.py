"""What a sheet's part says besides its values: merged cells, hidden rows and columns, formulas without a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO

from lxml import etree
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from docqa.adapters.formats.xml_trees import Element, local_name

_LOOKED_AT = ("{*}row", "{*}col", "{*}mergeCell", "{*}f")
_TRUE = ("1", "true")


@dataclass(slots=True)
class SheetLayout:
    """Rows and columns are 1-based.

    Attributes:
        hidden_rows: Numbers of the rows that nobody sees.
        hidden_columns: First and last column of each hidden range.
        spans: Row and column of a cell that reaches over several rows, and the last of these rows.
        formulas: Formulas that no program has computed yet, by row and column.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    spans: dict[tuple[int, int], int] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)

    def hides(self, row: int, column: int) -> bool:
        """Whether nobody sees the cell."""
        return row in self.hidden_rows or any(first <= column <= last for first, last in self.hidden_columns)


def sheet_layout(source: IO[bytes]) -> SheetLayout:
    """Read a sheet's part, a row in memory at a time.

    Raises:
        XMLSyntaxError: the part is damaged.
    """
    layout = SheetLayout()
    with_formula = False
    for _, element in etree.iterparse(
        source, events=("end",), tag=_LOOKED_AT, resolve_entities=False, no_network=True, load_dtd=False
    ):
        name = local_name(element)
        if name == "f":
            with_formula = True
        elif name == "row":
            _row(element, layout, with_formula=with_formula)
            with_formula = False
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif name == "col":
            if element.get("hidden") in _TRUE:
                layout.hidden_columns.append((int(element.get("min", "0")), int(element.get("max", "0"))))
        else:
            _span(element, layout)
    return layout


def _row(row: Element, layout: SheetLayout, *, with_formula: bool) -> None:
    if row.get("hidden") in _TRUE and (number := row.get("r")):
        layout.hidden_rows.add(int(number))
    if not with_formula:
        return
    for cell in row:
        formula, reference = cell.find("{*}f"), cell.get("r")
        if formula is not None and formula.text and reference and not cell.findtext("{*}v"):
            layout.formulas[coordinate_to_tuple(reference)] = f"={formula.text}"


def _span(merged: Element, layout: SheetLayout) -> None:
    left, top, _, bottom = range_boundaries(merged.get("ref", ""))
    if left and top and bottom and bottom > top:
        layout.spans[top, left] = bottom
