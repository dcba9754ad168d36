"""Textract's blocks, made for tests: lines where they are put, and tables, fields and layout over their words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, radians, sin
from typing import Any

Block = dict[str, Any]
HEIGHT, LETTER = 0.02, 0.01


@dataclass
class ResponsePage:
    """One page of a response.

    Attributes:
        number: Its number; 0 leaves it out, as answers about a single page do.
        turned: Degrees by which the page lies on its picture, clockwise.
    """

    number: int = 1
    turned: float = 0.0
    blocks: list[Block] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.add("PAGE", (0.0, 0.0, 1.0, 1.0))

    def line(self, text: str, left: float, top: float, confidence: float = 99.0) -> Block:
        """A line with its words; letters are all of one width."""
        words, at = [], left
        for word in text.split():
            width = LETTER * len(word)
            words.append(self.add("WORD", (at, top, at + width, top + HEIGHT), Text=word, Confidence=confidence))
            at += width + LETTER
        box = (left, top, max(at - LETTER, left), top + HEIGHT)
        return self.add("LINE", box, Text=text, Confidence=confidence, children=words)

    def table(self, rows: Sequence[Sequence[str | Block]], header: int = 0, **more: Any) -> Block:
        """A table of lines that are already there (or of texts that are put below all others)."""
        cells = []
        for row, texts in enumerate(rows, start=1):
            for column, content in enumerate(texts, start=1):
                kinds = {"EntityTypes": ["COLUMN_HEADER"]} if row <= header else {}
                place = (0.1 + 0.2 * column, 0.5 + 0.03 * row)
                line = self.line(content, *place) if isinstance(content, str) and content else content
                words = self.words(line) if isinstance(line, dict) else []
                cells.append(self.add("CELL", (*place, place[0] + 0.2, place[1] + 0.03), children=words, **kinds))
                cells[-1] |= {"RowIndex": row, "ColumnIndex": column, "RowSpan": 1, "ColumnSpan": 1}
        return self.add("TABLE", (0.1, 0.5, 0.9, 0.9), children=cells, EntityTypes=["STRUCTURED_TABLE"], **more)

    def merge(self, table: Block, row: int, columns: range) -> None:
        """Merge cells of a row."""
        parts = [cell for cell in self.children(table) if cell["RowIndex"] == row and cell["ColumnIndex"] in columns]
        merged = self.add("MERGED_CELL", (0.0, 0.0, 0.1, 0.1), children=parts)
        merged |= {"RowIndex": row, "ColumnIndex": columns.start, "RowSpan": 1, "ColumnSpan": len(columns)}
        table["Relationships"].append({"Type": "MERGED_CELL", "Ids": [merged["Id"]]})

    def field(self, key: Sequence[Block], value: Sequence[Block]) -> None:
        """A key and its value, of words (or marks) that are there."""
        values = self.add("KEY_VALUE_SET", (0.0, 0.0, 0.1, 0.1), children=value, EntityTypes=["VALUE"])
        keys = self.add("KEY_VALUE_SET", (0.0, 0.0, 0.1, 0.1), children=key, EntityTypes=["KEY"])
        keys["Relationships"].append({"Type": "VALUE", "Ids": [values["Id"]]})

    def mark(self, left: float, top: float, *, selected: bool) -> Block:
        """A check box."""
        status = "SELECTED" if selected else "NOT_SELECTED"
        return self.add("SELECTION_ELEMENT", (left, top, left + 0.01, top + HEIGHT), SelectionStatus=status)

    def layout(self, kind: str, *lines: Block) -> None:
        """A LAYOUT block over lines."""
        self.add(f"LAYOUT_{kind}", (0.0, 0.0, 0.1, 0.1), children=lines)

    def words(self, line: Block) -> list[Block]:
        """The words of a line."""
        return self.children(line)

    def children(self, block: Block) -> list[Block]:
        """The blocks that a block consists of."""
        ids = {one for relation in block["Relationships"] if relation["Type"] == "CHILD" for one in relation["Ids"]}
        return [one for one in self.blocks if one["Id"] in ids]

    def add(self, kind: str, box: tuple[float, float, float, float], **more: Any) -> Block:
        """A block; `children` are the blocks that it consists of."""
        children = more.pop("children", ())
        block: Block = {"BlockType": kind, "Id": f"{self.number}-{next(self._ids)}", "Geometry": self._geometry(*box)}
        block["Relationships"] = [{"Type": "CHILD", "Ids": [child["Id"] for child in children]}]
        if self.number:
            block["Page"] = self.number
        self.blocks.append({**block, **more})
        return self.blocks[-1]

    def _geometry(self, left: float, top: float, right: float, bottom: float) -> dict[str, Any]:
        corners = [self._turn(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        box = {
            "Left": min(across),
            "Top": min(down),
            "Width": max(across) - min(across),
            "Height": max(down) - min(down),
        }
        return {"BoundingBox": box, "Polygon": [{"X": x, "Y": y} for x, y in corners]}

    def _turn(self, x: float, y: float) -> tuple[float, float]:
        turn, x, y = radians(self.turned), x - 0.5, y - 0.5
        return x * cos(turn) - y * sin(turn) + 0.5, x * sin(turn) + y * cos(turn) + 0.5
