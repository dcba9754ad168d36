"""Lines come as Textract orders them: by rows, each from left to right."""

from __future__ import annotations

from devstack.modelserver.models.ocr import reading_order
from devstack.modelserver.models.ports import Line


def line(text: str, left: float, top: float, height: float = 0.02) -> Line:
    return Line(text, 1.0, ((left, top), (left + 0.2, top), (left + 0.2, top + height), (left, top + height)))


def test_rows_from_the_top_and_within_a_row_from_the_left() -> None:
    lines = [line("right", 0.6, 0.100), line("below", 0.1, 0.13), line("left", 0.1, 0.105), line("title", 0.3, 0.02)]
    assert [one.text for one in reading_order(lines)] == ["title", "left", "right", "below"]


def test_lines_that_hardly_overlap_are_two_rows() -> None:
    lines = [line("second", 0.1, 0.115), line("first", 0.6, 0.100)]
    assert [one.text for one in reading_order(lines)] == ["first", "second"]
