"""What is read on a page: order, headings, tables, fields, what lies askew."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.adapters.textract.blocks import PageBlocks
from docqa.adapters.textract.page_text import read_page
from docqa.adapters.textract.results import ResultReader
from docqa.adapters.textract.table_signs import shows_table
from docqa.models.work import OcrFeatures
from tests.fakes.textract_responses import ResponsePage
from tests.unit.adapters.textract.reading import words_lost_and_added

LEFT = ["This is the left column", "which is read as a whole", "before the right one", "is begun at all"]
RIGHT = ["And this is the right", "column of the same page", "with as many lines", "as its neighbour has"]


def text(page: ResponsePage) -> str:
    return read_page(PageBlocks(page.blocks)).text


def two_columns(turned: float = 0.0) -> ResponsePage:
    page = ResponsePage(turned=turned)
    page.line("One heading over both of the columns of the page", 0.1, 0.05)
    for row, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
        page.line(left, 0.1, 0.1 + 0.03 * row)
        page.line(right, 0.6, 0.1 + 0.03 * row)
    page.line("And one line below both of the columns of the page", 0.1, 0.3)
    return page


@pytest.mark.parametrize("turned", [0.0, 0.5, 7.0, -20.0, 90.0, 180.0, 270.0])
def test_columns_are_read_one_after_the_other_however_the_page_lies(turned: float) -> None:
    heading, below = (
        "One heading over both of the columns of the page",
        "And one line below both of the columns of the page",
    )

    assert text(two_columns(turned)).split("\n\n") == [heading, "\n".join(LEFT), "\n".join(RIGHT), below]


def test_cells_of_a_row_stay_in_their_row() -> None:
    page = ResponsePage()
    for row, (item, price) in enumerate(
        [("Coffee", "2.50"), ("Black tea", "2.20"), ("Cake", "3.90"), ("Total", "8.60")]
    ):
        page.line(price, 0.7, 0.1 + 0.03 * row)
        page.line(item, 0.1, 0.1 + 0.03 * row)

    assert text(page) == "Coffee  2.50\nBlack tea  2.20\nCake  3.90\nTotal  8.60"
    assert shows_table(PageBlocks(page.blocks).lines)


def test_blocks_beside_each_other_that_are_no_rows_are_read_apart() -> None:
    page = ResponsePage()
    for row, words in enumerate(["ACME Corp", "12 Long Street", "Anytown", "Utopia"]):
        page.line(words, 0.1, 0.1 + 0.03 * row)
    for row, words in enumerate(["Invoice 77", "1 May 2025", "Due at once"]):
        page.line(words, 0.6, 0.113 + 0.03 * row)

    assert text(page).split("\n\n") == [
        "ACME Corp\n12 Long Street\nAnytown\nUtopia",
        "Invoice 77\n1 May 2025\nDue at once",
    ]


def test_of_a_receipt_each_price_stays_beside_its_goods() -> None:
    """Goods take lines of their own that have no price; stamps and headings stand in no row at all."""
    page = ResponsePage()
    page.line("27/03/2018", 0.17, 0.380)
    page.line("Qty", 0.61, 0.430)
    page.line("F/Castell Tack-it", 0.17, 0.460)
    page.line("2", 0.62, 0.460)
    page.line("12.00", 0.77, 0.460)
    page.line("75g white (new)", 0.17, 0.485)

    assert text(page) == "27/03/2018\n\nQty\nF/Castell Tack-it  2  12.00\n75g white (new)"


def test_a_stamp_beside_a_total_makes_no_columns() -> None:
    page = ResponsePage()
    page.line("174.90", 0.73, 0.737)
    page.line("Change:", 0.50, 0.764)
    page.line("0.00", 0.77, 0.764)
    page.line("paid", 0.24, 0.790)
    page.line("GST SUMMARY", 0.11, 0.834)
    page.line("Tax code", 0.12, 0.861)
    page.line("Tax (RM)", 0.74, 0.861)

    assert text(page).replace("\n\n", "\n") == "174.90\nChange:  0.00\npaid\nGST SUMMARY\nTax code  Tax (RM)"


def test_prose_in_columns_is_no_table() -> None:
    assert not shows_table(PageBlocks(two_columns().blocks).lines)


def test_what_runs_across_the_page_comes_last() -> None:
    page = ResponsePage()
    stamp = ResponsePage(number=2, turned=90.0)
    stamp.line("RECEIVED", 0.4, 0.1)
    page.blocks += stamp.blocks
    page.line("Dear Sir or Madam,", 0.1, 0.1)
    page.line("thank you for your letter.", 0.1, 0.13)

    assert text(page) == "Dear Sir or Madam,\nthank you for your letter.\n\nRECEIVED"


def test_layout_gives_the_order_the_headings_and_the_frame() -> None:
    page = ResponsePage()
    foot, number = page.line("Confidential", 0.1, 0.9), page.line("Page 3", 0.8, 0.9)
    second, first = page.line("Second part", 0.1, 0.2), page.line("First part", 0.6, 0.2)
    title = [page.line("Annual", 0.1, 0.1), page.line("Report", 0.1, 0.13)]
    section, head = page.line("Results", 0.6, 0.17), page.line("ACME", 0.1, 0.02)
    page.layout("PAGE_NUMBER", number)
    page.layout("FOOTER", foot)
    page.layout("TITLE", *title)
    page.layout("SECTION_HEADER", section)
    page.layout("TEXT", first)
    page.layout("TEXT", second)
    page.layout("HEADER", head)

    assert text(page).split("\n\n") == [
        "ACME",
        "# Annual Report",
        "## Results",
        "First part",
        "Second part",
        "Confidential",
        "Page 3",
    ]


def test_lines_that_no_layout_block_has_are_put_in_where_they_stand() -> None:
    page = ResponsePage()
    above, forgotten, below = (
        page.line("above", 0.1, 0.1),
        page.line("forgotten", 0.1, 0.3),
        page.line("below", 0.1, 0.5),
    )
    page.layout("TEXT", above)
    page.layout("TEXT", below)

    assert forgotten["Text"] == "forgotten"
    assert text(page).split("\n\n") == ["above", "forgotten", "below"]


def test_a_table_is_a_pipe_table_where_its_first_word_stands() -> None:
    page = ResponsePage()
    page.line("Before the table", 0.1, 0.1)
    page.table([["Item", "Price"], ["Tea | green", "2.20"], ["", "3.90"]], header=1)
    page.line("After the table", 0.1, 0.95)

    assert text(page) == (
        "Before the table\n\n| Item | Price |\n| --- | --- |\n| Tea \\| green | 2.20 |\n|  | 3.90 |\n\nAfter the table"
    )


def test_merged_headings_stand_over_each_of_their_columns_and_merged_cells_once() -> None:
    page = ResponsePage()
    rows = [["", "2024", "", "2025", ""], ["Quarter", "Q1", "Q2", "Q1", "Q2"], ["Sales", "1", "2", "3", ""]]
    table = page.table(rows, header=2)
    page.merge(table, 1, range(2, 4))
    page.merge(table, 1, range(4, 6))
    page.merge(table, 3, range(4, 6))

    assert text(page) == (
        "| Quarter | 2024 Q1 | 2024 Q2 | 2025 Q1 | 2025 Q2 |\n| --- | --- | --- | --- | --- |\n| Sales | 1 | 2 | 3 |  |"
    )


def test_a_row_above_the_headings_is_the_tables_title() -> None:
    page = ResponsePage()
    table = page.table([["Details", ""], ["Item", "Price"], ["Tea", "2.20"]])
    for cell in page.children(table):
        if cell["RowIndex"] == 2:
            cell["EntityTypes"] = ["COLUMN_HEADER"]

    assert text(page) == "Details\n\n| Item | Price |\n| --- | --- |\n| Tea | 2.20 |"


def test_a_table_without_headings_has_an_empty_header_row() -> None:
    page = ResponsePage()
    page.table([["Tea", "2.20"], ["Cake", "3.90"]])

    assert text(page) == "|  |  |\n| --- | --- |\n| Tea | 2.20 |\n| Cake | 3.90 |"


def test_check_boxes_in_a_table_and_in_a_form_are_marks() -> None:
    page = ResponsePage()
    question, yes = page.line("Smoker?", 0.1, 0.1), page.line("Yes", 0.5, 0.1)
    page.field(page.words(yes), [page.mark(0.6, 0.1, selected=True)])
    key, value = page.line("Name:", 0.1, 0.2), page.line("Jane Doe", 0.3, 0.2)
    page.field(page.words(key), page.words(value))
    empty = page.line("E-mail:", 0.1, 0.3)
    page.field(page.words(empty), [])

    assert question["Text"] == "Smoker?"
    assert text(page) == "Smoker?  Yes: [x]\n\nName: Jane Doe\n\nE-mail:"


def result(*pages: ResponsePage) -> Any:
    return {"JobStatus": "SUCCEEDED", "Blocks": [block for page in pages for block in page.blocks]}


@pytest.mark.parametrize(("second", "repeated"), [(2, True), (5, False)])
def test_a_table_that_goes_on_on_the_next_page_keeps_its_header(second: int, repeated: bool) -> None:
    one, two = ResponsePage(1), ResponsePage(2)
    one.line("Prices", 0.1, 0.1)
    one.table([["Item", "Price"], ["Tea", "2.20"]], header=1)
    two.table([["Cake", "3.90"], ["Juice", "3.10"]])

    pages = list(ResultReader(lambda _: result(one, two), OcrFeatures.TABLES, [1, second], "").pages())
    again = list(ResultReader(lambda _: result(one, two), OcrFeatures.TABLES, [1, second], pages[0].position).pages())

    header = "| Item | Price |" if repeated else "|  |  |"
    assert pages[1].page.text == f"{header}\n| --- | --- |\n| Cake | 3.90 |\n| Juice | 3.10 |"
    assert again[0].page == pages[1].page
    assert pages[0].page.reason == "5 lines and 1 table extracted"


def test_a_table_after_other_text_is_one_of_its_own() -> None:
    one, two = ResponsePage(1), ResponsePage(2)
    one.table([["Item", "Price"], ["Tea", "2.20"]], header=1)
    two.line("Opening hours", 0.1, 0.1)
    two.table([["Monday", "9 to 5"], ["Friday", "9 to 3"]])

    pages = list(ResultReader(lambda _: result(one, two), OcrFeatures.TABLES, [1, 2], "").pages())

    assert "|  |  |" in pages[1].page.text


WORDS = st.lists(st.sampled_from(["12.50", "tea", "#", "Total:", "a|b", "x", "Überlänge"]), min_size=1, max_size=4)
PLACES = st.tuples(st.floats(0.0, 0.9), st.floats(0.0, 0.95))


@st.composite
def pages(draw: st.DrawFn) -> ResponsePage:
    """Lines anywhere, in tables, fields and layout blocks that overlap as they like."""
    page = ResponsePage(turned=draw(st.sampled_from([0.0, 0.4, 12.0, 90.0, 180.0])))
    lines = [
        page.line(" ".join(words), *place) for words, place in draw(st.lists(st.tuples(WORDS, PLACES), max_size=12))
    ]
    some = st.lists(st.sampled_from(lines), max_size=5, unique_by=lambda one: one["Id"]) if lines else st.just([])
    for _ in range(draw(st.integers(0, 2))):
        rows = [[draw(some.map(lambda found: found[0] if found else "")) for _ in range(2)] for _ in range(3)]
        table = page.table(rows, header=draw(st.integers(0, 3)))
        if draw(st.booleans()):
            page.merge(table, draw(st.integers(1, 3)), range(1, 3))
    for _ in range(draw(st.integers(0, 3))):
        key, value = draw(some), draw(some)
        page.field(
            [word for one in key for word in page.words(one)], [word for one in value for word in page.words(one)]
        )
    for kind in draw(
        st.lists(st.sampled_from(["TITLE", "SECTION_HEADER", "TEXT", "TABLE", "FOOTER", "HEADER"]), max_size=4)
    ):
        page.layout(kind, *draw(some))
    return page


@given(pages())
def test_every_word_is_in_the_text_once_whatever_the_blocks_claim(page: ResponsePage) -> None:
    blocks = PageBlocks(page.blocks)

    lost, added = words_lost_and_added(blocks, read_page(blocks).text)

    assert not lost
    assert not added
