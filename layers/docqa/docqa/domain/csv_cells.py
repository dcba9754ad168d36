"""Cells of a table that people open in a spreadsheet."""

from __future__ import annotations

# A cell that begins with one of these is a formula to a spreadsheet (OWASP, "CSV injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert_cell(text: str) -> str:
    """The text, read as text by every spreadsheet."""
    return f"'{text}" if text.startswith(_FORMULA) else text
