"""Running titles and page numbers are told from text that happens to come twice."""

from __future__ import annotations

from docqa.domain.repeated_lines import PAGES_BACK, PageLines, PlacedLine, repeated_lines

BODY = ("The committee met on Tuesday", "and agreed on the harbour wall", "which is to be repaired")


def page(number: int, top: list[str], bottom: list[str], apart: float = 0.05) -> PageLines:
    """A page with lines in its upper margin, its own text `apart` from it, and lines at its end."""
    placed = [(text, 0.03 + 0.015 * row) for row, text in enumerate(top)]
    start = 0.03 + 0.015 * (len(top) - 1) + apart
    placed += [(f"{text}, page {number * 7}", start + 0.015 * row) for row, text in enumerate(BODY)]
    placed += [(text, 0.97 - 0.015 * row) for row, text in enumerate(reversed(bottom))]
    lines = [
        PlacedLine(100 * row, 100 * row + len(text), text, middle, 0.012) for row, (text, middle) in enumerate(placed)
    ]
    return PageLines(number, tuple(sorted(lines, key=lambda line: line.middle)))


def left_out(pages: list[PageLines]) -> list[list[str]]:
    """For each page, what is left out of it."""
    return [
        [line.text for line in repeated_lines(one, pages[max(place - PAGES_BACK, 0) : place])]
        for place, one in enumerate(pages)
    ]


def test_running_titles_and_page_numbers_stay_on_two_pages() -> None:
    pages = [page(number, ["Annual report 2022"], [f"Page {number} of 5"]) for number in range(1, 6)]

    assert left_out(pages) == [[], [], *[["Annual report 2022", f"Page {number} of 5"] for number in (3, 4, 5)]]


def test_left_and_right_pages_may_have_their_own() -> None:
    pages = [page(number, [f"{number} Chapter one" if number % 2 else "The book"], []) for number in range(1, 8)]

    assert left_out(pages)[4:] == [["5 Chapter one"], ["The book"], ["7 Chapter one"]]


def test_heads_of_a_table_that_goes_on_stay_with_their_rows() -> None:
    pages = [page(number, ["Item Price Weight"], [], apart=0.015) for number in range(1, 6)]

    assert left_out(pages) == [[]] * 5


def test_a_running_title_above_the_heads_of_a_table_goes_alone() -> None:
    pages = [page(number, ["Price list", "", "Item Price Weight"], [], apart=0.015) for number in range(1, 6)]
    pages = [PageLines(one.number, tuple(line for line in one.lines if line.text)) for one in pages]

    assert left_out(pages)[2:] == [["Price list"]] * 3


def test_numbers_that_do_not_count_pages_stay() -> None:
    pages = [page(number, [f"Exhibit 31.{number // 3}"], [f"Total {number * 12}"]) for number in range(1, 6)]

    assert not any("Total" in text for texts in left_out(pages) for text in texts)


def test_lines_within_the_page_stay() -> None:
    pages = [
        PageLines(number, (PlacedLine(0, 4, "Note", 0.5, 0.012), PlacedLine(9, 12, "End", 0.6, 0.012)))
        for number in range(1, 6)
    ]

    assert left_out(pages) == [[]] * 5


def test_a_page_of_nothing_else_keeps_its_lines() -> None:
    pages = [PageLines(number, (PlacedLine(0, 9, "Left blank", 0.03, 0.012),)) for number in range(1, 6)]

    assert left_out(pages) == [[]] * 5
