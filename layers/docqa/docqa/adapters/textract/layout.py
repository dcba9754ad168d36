"""The parts of a page: what the LAYOUT blocks say, and the geometry of lines where they say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from docqa.adapters.textract.blocks import Block, Line, PageBlocks
from docqa.adapters.textract.reading_order import paragraphs


class Role(StrEnum):
    """What a part is on its page."""

    HEADER = "LAYOUT_HEADER"
    TITLE = "LAYOUT_TITLE"
    SECTION = "LAYOUT_SECTION_HEADER"
    TEXT = "LAYOUT_TEXT"
    FOOTER = "LAYOUT_FOOTER"
    PAGE_NUMBER = "LAYOUT_PAGE_NUMBER"


# What frames the page is read before and after everything else, so that it never cuts a paragraph or a table in two.
_FIRST = (Role.HEADER,)
_LAST = (Role.FOOTER, Role.PAGE_NUMBER)
FRAME = (*_FIRST, *_LAST)
HEADINGS = (Role.TITLE, Role.SECTION)


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together."""

    role: Role
    lines: list[Line]

    @property
    def top(self) -> float:
        """Where it begins."""
        return min(line.box.top for line in self.lines)

    def is_beside(self, other: Part) -> bool:
        """Whether the two share some of the page's width."""
        left = max(min(line.box.left for line in part.lines) for part in (self, other))
        right = min(max(line.box.right for line in part.lines) for part in (self, other))
        return left < right


def parts_of(page: PageBlocks) -> list[Part]:
    """Every line of the page once, in the order of reading.

    Textract lists its LAYOUT blocks in reading order. Lines that none of them has are put in where they stand.
    """
    known = list(_stated(page))
    placed = {line.id for part in known for line in part.lines}
    loose = [Part(Role.TEXT, lines) for lines in paragraphs([line for line in page.lines if line.id not in placed])]
    for part in loose:
        known.insert(_place(known, part), part)
    framed = {role: [part for part in known if part.role is role] for role in FRAME}
    body = [part for part in known if part.role not in FRAME]
    return [*(p for role in _FIRST for p in framed[role]), *body, *(p for role in _LAST for p in framed[role])]


def _stated(page: PageBlocks) -> Iterator[Part]:
    by_id = {line.id: line for line in page.lines}
    placed: set[str] = set()
    for block in page.all:
        if not block["BlockType"].startswith("LAYOUT_"):
            continue
        lines = [by_id[one["Id"]] for one in _lines_below(page, block) if one["Id"] not in placed]
        placed.update(line.id for line in lines)
        if lines:
            yield Part(_role(block), lines)


def _lines_below(page: PageBlocks, block: Block) -> Iterator[Block]:
    """The lines of a block; those of a list are in the texts that are its items."""
    for child in page.related(block):
        if child["BlockType"] == "LINE":
            yield child
        elif child["BlockType"].startswith("LAYOUT_"):
            yield from _lines_below(page, child)


def _role(block: Block) -> Role:
    kind = block["BlockType"]
    return Role(kind) if kind in set(Role) else Role.TEXT


def _place(parts: Sequence[Part], part: Part) -> int:
    """Before the first part that begins below it in its column; else after all."""
    for position, other in enumerate(parts):
        if other.role not in _LAST and other.top >= part.top and other.is_beside(part):
            return position
    return len(parts)
