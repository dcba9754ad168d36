"""Columns are read one after the other, tables in rows, and what every page repeats stays off the passages."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.adapters.pdf import PdfFormat
from docqa.models.page import Page
from tests.fakes.drawn_pdfs import drawn_pdf, paragraph, shown

LEFT = [
    "The committee met on Tuesday and agreed that",
    "the harbour wall has to be repaired before the",
    "winter storms begin. Nobody spoke against it,",
    "though the cost is high: it was estimated at",
    "four hundred thousand and is to be shared by",
    "both towns, in equal parts, over three years.",
    "A second reading is held in the autumn, when",
    "the engineers have seen the foundations.",
]
RIGHT = [
    "and from then on the ferry sails twice a day,",
    "except on Sundays, when it sails once. Tickets",
    "can be had on board and in both post offices;",
    "children under six travel free. The old boat",
    "was sold to a fishing company on the other",
    "side of the bay, which has already painted it",
    "in its own colours and renamed it after the",
    "wife of the founder.",
]
ROWS = [
    ("Operator of the aircraft: Harbour Air Limited", "Certificate held by it: Commercial operation"),
    ("Registration of the aircraft: N123456", "Type of flight plan that was filed: None at all"),
    ("Departure point of the flight: Belen", "Destination of the flight: Santa Fe, New Mexico"),
    ("Weather at the accident site: Visual", "Condition of light at the accident: Day light"),
    ("Second pilot present in it: No pilot", "Restraint used by the pilot: Seatbelt, harness"),
    ("Medical certification of it: Class three", "Last medical examination of it: January 2007"),
    ("Flight time of the pilot: All aircraft", "Toxicology that was performed: Not performed"),
]


def read(*contents: str, first: int = 1, last: int | None = None) -> list[Page]:
    """Pages of a drawn PDF."""
    return list(PdfFormat().read(io.BytesIO(drawn_pdf(contents)), first, last or len(contents)))


def across(left: list[str], right: list[str]) -> str:
    """Two columns, drawn line by line."""
    return "".join(
        shown(one, 50, 700 - 14 * row, 10) + shown(other, 310, 700 - 14 * row, 10)
        for row, (one, other) in enumerate(zip(left, right, strict=True))
    )


def test_columns_drawn_line_by_line_are_read_one_after_the_other() -> None:
    heading = "A heading that goes over the whole width of the page and both of its columns"

    [page] = read(shown(heading, 50, 740, 12) + across(LEFT, RIGHT))

    assert page.text.splitlines() == [heading, *LEFT, *RIGHT]


def test_columns_drawn_one_after_the_other_stay() -> None:
    [page] = read(paragraph(LEFT, x=50, y=700, size=10) + paragraph(RIGHT, x=310, y=700, size=10))

    assert page.text.splitlines() == [*LEFT, *RIGHT]


def test_a_column_that_ends_early_keeps_its_place() -> None:
    [page] = read(across(LEFT, RIGHT) + shown("here the right column ends", 310, 700 - 14 * 8, 10))

    assert page.text.splitlines() == [*LEFT, *RIGHT, "here the right column ends"]


def test_forms_and_tables_are_read_in_rows() -> None:
    [page] = read(across([left for left, _ in ROWS], [right for _, right in ROWS]))

    assert page.text.splitlines() == [f"{left} {right}" for left, right in ROWS]


def numbered(pages: int) -> list[str]:
    """Pages with a running title, a text of their own, and their number."""
    return [
        shown("Report of the harbour committee", 50, 815, 9)
        + paragraph([f"Of page {number} this is what it says", f"and {'no' * number} more than that."], y=700)
        + shown(f"Page {number} of {pages}", 260, 30, 9)
        for number in range(1, pages + 1)
    ]


def test_running_titles_and_page_numbers_stay_on_two_pages() -> None:
    pages = read(*numbered(5))

    assert all("Report of the harbour" in page.text and f"Page {page.number} of 5" in page.text for page in pages[:2])
    for page in pages[2:]:
        assert page.text.startswith(f"Of page {page.number} this is")
        assert page.text.endswith("more than that.")
        assert "2 lines as on the pages before left out" in page.reason


@given(st.integers(1, 9), st.integers(0, 8))
@settings(max_examples=20, deadline=None)
def test_a_page_reads_the_same_in_whatever_span_it_is_read(first: int, more: int) -> None:
    contents = numbered(9)
    last = min(first + more, 9)

    assert read(*contents, first=first, last=last) == read(*contents)[first - 1 : last]
