"""The rows that name the columns of what is quoted from a table: without them a row of numbers says nothing."""

from __future__ import annotations

from docqa.domain.tables import find_tables
from docqa.models.chunk import Chunk


def header_above(chunk: Chunk, start: int) -> str:
    """The header rows of the table in which the chunk's character `start` stands; empty outside tables."""
    if "|" not in chunk.text:
        return ""
    for table in find_tables(chunk.text):
        if table.start <= start < table.end:
            return table.header(chunk.text)
    begin = chunk.text.rfind("\n", 0, start) + 1
    return chunk.header if chunk.text[begin : start + 1].lstrip().startswith("|") else ""


def is_header_row(chunk: Chunk, start: int) -> bool:
    """Whether the chunk's character `start` stands in a row that only names columns of rows below it."""
    return "|" in chunk.text and any(
        table.rows and table.start <= start <= table.header_end for table in find_tables(chunk.text)
    )
