"""Workbooks: a sheet is a page, values as they are shown."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.workbook.workbook import Workbook

from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentTooLargeError
from docqa.models.page import ReadingMethod
from tests.unit.formats.pictures import picture
from tests.unit.formats.reading import hidden_texts, read, selected, title


def saved(fill: Callable[[Workbook], None]) -> bytes:
    workbook = openpyxl.Workbook()
    fill(workbook)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def test_sheets_are_pages_and_values_are_as_shown() -> None:
    def fill(workbook: Workbook) -> None:
        sheet = workbook.active
        sheet.title = "Revenue"
        sheet.append(["Revenue by month"])
        sheet.append(["Month", "Sum", "Share", "Paid"])
        sheet.append([dt.date(2024, 3, 1), 1234.5, 0.125, True])
        sheet["A3"].number_format, sheet["B3"].number_format, sheet["C3"].number_format = (
            "mmm yyyy",
            '#,##0.00 "EUR"',
            "0.0%",
        )
        workbook.create_sheet("Sheet2")
        workbook.properties.title = "Figures"

    content = saved(fill)
    first, second = read(content)

    assert first.label == "Sheet Revenue"
    assert first.text == (
        "# Revenue\n\nRevenue by month\n\n"
        "| Month | Sum | Share | Paid |\n| --- | --- | --- | --- |\n| Mar 2024 | 1,234.50 EUR | 12.5% | TRUE |"
    )
    assert (second.label, second.method) == ("Sheet2", ReadingMethod.EMPTY)
    assert title(content) == "Figures"


def test_a_table_goes_on_after_an_empty_row_unless_a_new_one_begins() -> None:
    def fill(workbook: Workbook) -> None:
        for row in (["Item", "Price"], ["A", 1], [], ["B", 2], [], ["Name", "Town"], ["Ann", "Ulm"]):
            workbook.active.append(row)

    (page,) = read(saved(fill))

    assert page.text == (
        "# Sheet\n\n| Item | Price |\n| --- | --- |\n| A | 1 |\n| B | 2 |\n\n"
        "| Name | Town |\n| --- | --- |\n| Ann | Ulm |"
    )


def test_merged_cells_and_formulas_that_nobody_computed() -> None:
    def fill(workbook: Workbook) -> None:
        for row in (["Region", "Year", "Sum"], ["North", 2023, "=1+1"], [None, 2024, "=SUM(B2:B3)"]):
            workbook.active.append(row)
        workbook.active.merge_cells("A2:A3")

    (page,) = read(saved(fill))

    assert page.text.splitlines()[-2:] == ["| North | 2023 | =1+1 |", "| North | 2024 | =SUM(B2:B3) |"]


def test_hidden_sheets_rows_and_columns_are_marked() -> None:
    """Promise 48: what nobody sees in a workbook is flagged."""

    def fill(workbook: Workbook) -> None:
        sheet = workbook.active
        for row in (["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]):
            sheet.append(row)
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["C"].hidden = True
        secret = workbook.create_sheet("Secret")
        secret.append(["x", "y"])
        secret.sheet_state = "veryHidden"

    first, second = read(saved(fill))

    # Rules of the table stand between them and are seen.
    assert [text.strip(" |\n-") for text in hidden_texts(first)] == ["c", "d", "e", "f", "i"]
    assert second.label == "Sheet Secret (hidden)"
    assert "".join(hidden_texts(second)) == second.text


def test_comments_charts_and_pictures_come_with_their_sheet() -> None:
    def fill(workbook: Workbook) -> None:
        sheet = workbook.active
        sheet.append(["Year", "Sales"])
        sheet.append([2023, 5])
        sheet["B2"].comment = Comment("Estimated.", "Ann")
        chart = BarChart()
        chart.title = "Sales by year"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
        sheet.add_chart(chart, "D4")
        only = workbook.create_sheet("Scan")
        only.add_image(Image(io.BytesIO(picture())), "A1")

    content = saved(fill)
    first, second = read(content)

    assert "Comment on B2: Estimated." in first.text
    assert "Sales by year" in first.text
    assert second.method is ReadingMethod.NEEDS_OCR
    assert selected(content, [2]).startswith(b"%PDF-")


def test_long_sheets_are_shared_out_and_every_page_has_the_column_names() -> None:
    def fill(workbook: Workbook) -> None:
        workbook.active.append(["Number", "Square"])
        for number in range(1_200):
            workbook.active.append([number, number * number])

    pages = read(saved(fill))

    assert [page.label for page in pages] == [f"Sheet, rows {rows}" for rows in ("1-500", "501-1000", "1001-1201")]
    assert all("| Number | Square |\n| --- | --- |" in page.text for page in pages)
    assert "| 499 | 249001 |" in pages[1].text
    assert "| 498 | 248004 |" in pages[0].text


def test_a_lone_cell_far_away_costs_no_memory() -> None:
    """Promise 46: a sheet's stated size is not believed."""

    def fill(workbook: Workbook) -> None:
        workbook.active["A1"], workbook.active["XFD900"] = "near", "far"

    pages = read(saved(fill))

    assert sum(len(page.text) for page in pages) < 200
    assert "near" in pages[0].text
    assert "far" in pages[-1].text


def test_a_workbook_of_too_many_pages_is_refused() -> None:
    def fill(workbook: Workbook) -> None:
        for number in range(5):
            workbook.create_sheet(f"S{number}")

    with pytest.raises(DocumentTooLargeError, match="pages of rows"):
        read(saved(fill), limits=ParsingLimits(max_pages=3))
