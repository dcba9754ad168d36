"""One page of a Textract response, with its relationships resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any

from docqa.adapters.textract.geometry import Box, Posture, posture_of

Block = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was recognised, or a whole line where a response has no words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print.

    Attributes:
        box: Where it stands on the upright page.
        is_astray: It runs in another direction than the page.
    """

    id: str
    words: tuple[Word, ...]
    box: Box
    is_astray: bool = False

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(word.text for word in self.words)


class PageBlocks:
    """The blocks of one page.

    Attributes:
        posture: How the page lies.
        lines: Its lines in the order of the response.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.all: list[Block] = list(blocks)
        self._by_id = {block["Id"]: block for block in self.all if "Id" in block}
        raw = self.of_type("LINE")
        self.posture: Posture = posture_of(raw)
        self.lines: list[Line] = [self._line(number, block) for number, block in enumerate(raw)]

    def of_type(self, *types: str) -> list[Block]:
        """Blocks of these types in the order of the response."""
        return [block for block in self.all if block["BlockType"] in types]

    def related(self, block: Block, kind: str = "CHILD") -> Iterator[Block]:
        """The blocks of the page that a block points to; references to blocks that are not there are passed over."""
        for relationship in block.get("Relationships") or ():
            if relationship["Type"] == kind:
                yield from (self._by_id[one] for one in relationship["Ids"] if one in self._by_id)

    def box(self, block: Block) -> Box:
        """Where a block stands on the upright page."""
        return self.posture.box(block)

    @cached_property
    def line_of_word(self) -> Mapping[str, Line]:
        """The line that a word, by its id, is part of."""
        return {word.id: line for line in self.lines for word in line.words}

    def in_reading_order(self, blocks: Sequence[Block]) -> list[Block]:
        """Words and marks of a cell or a field: row by row, and from left to right."""
        rows: list[list[Block]] = []
        for block in sorted(blocks, key=lambda one: self._row_box(one).top):
            row = next((row for row in rows if self._row_box(row[0]).shares_row(self._row_box(block))), None)
            if row is None:
                rows.append([block])
            else:
                row.append(block)
        return [block for row in rows for block in sorted(row, key=lambda one: self.box(one).left)]

    def confidence(self) -> float:
        """Mean confidence of the words, 0 to 1; of the lines where there are no words."""
        measured = self.of_type("WORD") or self.of_type("LINE")
        return fmean(block.get("Confidence", 0.0) for block in measured) / 100 if measured else 0.0

    def _row_box(self, block: Block) -> Box:
        """Of a word the box of its line: small letters are lower than capitals."""
        line = self.line_of_word.get(block["Id"])
        return line.box if line else self.box(block)

    def _line(self, number: int, block: Block) -> Line:
        children = [Word(child["Id"], child["Text"]) for child in self.related(block) if child["BlockType"] == "WORD"]
        id_ = block.get("Id", f"line {number}")
        words = tuple(children) or (Word(id_, block.get("Text", "")),)
        return Line(id_, words, self.box(block), self.posture.is_astray(block))
