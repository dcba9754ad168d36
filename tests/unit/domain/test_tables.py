"""Pipe tables: written by every format, found again in any text."""

from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.tables import cell_text, find_tables, pipe_table, table_parts

CELLS = st.text(st.sampled_from("ab 1|\n\\-:"), max_size=6)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6)
PROSE = st.sampled_from(["", "Before.\n\n", "| no table\n\n", "| a | b |\nprose\n\n"])


@given(PROSE, ROWS, PROSE)
def test_a_written_table_is_found_with_its_rows(before: str, rows: list[list[str]], behind: str) -> None:
    written = pipe_table(rows)
    text = f"{before}{written}\n\n{behind}"
    filled = [row for row in rows if any(cell.strip() for cell in row)]

    tables = list(find_tables(text, len(before)))

    assert len(tables) == (1 if filled else 0)
    for table in tables:
        assert text[table.start : table.end] == written
        assert len(table.rows) == len(filled) - 1
        assert table.header(text) == "\n".join(written.split("\n")[:2])
        for row, (start, end) in zip(filled[1:], table.rows, strict=True):
            assert all(cell_text(cell) in text[start:end] for cell in row)


@given(ROWS, st.integers(5, 80))
def test_parts_of_a_table_are_whole_rows_without_gaps(rows: list[list[str]], characters: int) -> None:
    text = pipe_table(rows)
    for table in find_tables(text):
        parts = list(table_parts(table, 0, characters))

        ends = {table.header_end, *(end for _, end in table.rows)}
        assert all(end in ends for _, end in parts)
        covered = {place for start, end in parts for place in range(start, end)}
        assert not "".join(letter for place, letter in enumerate(text) if place not in covered).strip()
        for start, end in parts[1:]:
            assert sum(start <= first < end for first, _ in table.rows) >= 1


def test_columns_and_rows_without_anything_are_left_out() -> None:
    assert pipe_table([["", "a", "", "b"], ["", "", "", ""], ["", "1"]]) == "| a | b |\n| --- | --- |\n| 1 |  |"
    assert pipe_table([["", " "], []]) == ""
