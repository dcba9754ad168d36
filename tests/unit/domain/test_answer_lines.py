"""Rows of tables, shown cell by cell with the names of their columns."""

import pytest

from docqa.domain.answer_lines import cells_with_names, tables_as_lists

HEADER = "| Aircraft | Landing fee |\n| --- | --- |"


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("| Balloons | 20 |", "Aircraft: Balloons; Landing fee: 20"),
        ("| Balloons | |", "Aircraft: Balloons"),
        ("| Balloons | 20 | per day |", "Aircraft: Balloons; Landing fee: 20; per day"),
        ("| A\\|B | 20 |", "Aircraft: A|B; Landing fee: 20"),
        ("| Balloons | 20 [1] |", "Aircraft: Balloons; Landing fee: 20 [1]"),
        ("| Balloons [2] | 20 [1] |", "Aircraft: Balloons; Landing fee: 20 [2][1]"),
    ],
)
def test_cells_come_with_their_column_names(row: str, shown: str) -> None:
    assert cells_with_names(row, HEADER) == shown


def test_without_column_names_the_cells_stand_alone() -> None:
    assert cells_with_names("| Balloons | 20 |", "") == "Balloons; 20"


def test_a_table_becomes_a_list_and_the_rest_stays() -> None:
    text = f"These are the fees:\n\n{HEADER}\n| Balloons | 20 [1] |\n| Kites | 3 [2] |\nNothing else [1]."

    assert tables_as_lists(text) == (
        "These are the fees:\n\n- Aircraft: Balloons; Landing fee: 20 [1]\n- Aircraft: Kites; Landing fee: 3 [2]\n"
        "\nNothing else [1]."
    )
    assert tables_as_lists("No table | here.") == "No table | here."
