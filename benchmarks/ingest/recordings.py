"""Folders of recorded responses: real ones where there are some, else pages made of print."""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ingest.material import sentences
from devstack.modelserver.models.ports import Line, Word
from devstack.modelserver.textract_blocks import Block, page_blocks

LINES, HEIGHT, LEFT, RIGHT = 20, 0.02, 0.1, 0.9
CELL = 0.25
TABLE = (
    ("Year", "Landings", "Fees"),
    *((str(2015 + at), str(4_100 + 37 * at), f"{52 + at}.40") for at in range(8)),
)


@contextmanager
def recorded_responses(real: Path | None) -> Iterator[Path]:
    """The folder that stands in for the OCR engine: one page of print, where there are no real responses."""
    if real is not None:
        yield real.resolve()
        return
    with _folder([page_blocks(1, _lines())]) as folder:
        yield folder


@contextmanager
def responses_with_tables(every: int) -> Iterator[Path]:
    """Pages of print, of which each of so many has a table: they take turns over the pages of a document."""
    with _folder([_table_page(), *(page_blocks(1, _lines()) for _ in range(every - 1))]) as folder:
        yield folder


@contextmanager
def _folder(pages: Sequence[list[Block]]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        for number, blocks in enumerate(pages):
            (Path(folder) / f"page-{number}.json").write_text(json.dumps({"Blocks": blocks}))
        yield Path(folder)


def _lines() -> Iterator[Line]:
    for number, sentence in enumerate(sentences()[:LINES]):
        top = number * HEIGHT + LEFT
        yield _line(sentence, LEFT, RIGHT, top)


def _line(text: str, left: float, right: float, top: float) -> Line:
    corners = ((left, top), (right, top), (right, top + HEIGHT), (left, top + HEIGHT))
    return Line(text, 0.99, corners, tuple(Word(word, 0.99, corners) for word in text.split()))


def _table_page() -> list[Block]:
    """A page whose lines stand in columns, and the table that an analysis finds in them."""
    cells = [
        _line(text, LEFT + column * CELL, LEFT + column * CELL + CELL / 2, LEFT + 2 * row * HEIGHT)
        for row, texts in enumerate(TABLE)
        for column, text in enumerate(texts)
    ]
    blocks = page_blocks(1, cells)
    lines = [block for block in blocks if block["BlockType"] == "LINE"]
    columns = len(TABLE[0])
    found = [
        {
            "BlockType": "CELL",
            "Id": str(uuid.uuid4()),
            "Page": 1,
            "Geometry": line["Geometry"],
            "RowIndex": at // columns + 1,
            "ColumnIndex": at % columns + 1,
            "RowSpan": 1,
            "ColumnSpan": 1,
            "Relationships": line["Relationships"],
            **({"EntityTypes": ["COLUMN_HEADER"]} if at < columns else {}),
        }
        for at, line in enumerate(lines)
    ]
    table = {
        "BlockType": "TABLE",
        "Id": str(uuid.uuid4()),
        "Page": 1,
        "Geometry": blocks[0]["Geometry"],
        "EntityTypes": ["STRUCTURED_TABLE"],
        "Relationships": [{"Type": "CHILD", "Ids": [cell["Id"] for cell in found]}],
    }
    return [*blocks, *found, table]
