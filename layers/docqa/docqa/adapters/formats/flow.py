"""Blocks of a flowing document, laid out on pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from docqa.adapters.formats.pieces import Piece
from docqa.adapters.formats.text_parts import parts

# Two to three printed pages: a shorter document without page breaks is found through as a whole.
_ONE_PAGE_CHARACTERS = 8_000
_TOP_HEADING = re.compile(r"^(#{1,2}) (.+)$")


class Break(Enum):
    """Where a page ends.

    Attributes:
        STATED: The author wanted it.
        SEEN: A program saw a page end there when it last laid the document out.
    """

    STATED = "stated"
    SEEN = "seen"


@dataclass(slots=True)
class Block:
    """A paragraph, a list entry, a table, or the end of a page.

    Attributes:
        text: Its text, marked.
        glued: Belongs to the line before it, as list entries do.
        ends: A page ends before the text.
        pictures, drawings: As in `Piece`.
        notes: What stands at the foot of its page.
    """

    text: str = ""
    glued: bool = False
    ends: Break | None = None
    pictures: list[bytes] = field(default_factory=list)
    drawings: int = 0
    notes: list[str] = field(default_factory=list)


def margin_notes(texts: Iterable[str]) -> list[str]:
    """Headers and footers, each once; those that only count pages say nothing."""
    return [text for text in dict.fromkeys(texts) if any(letter.isalpha() for letter in text)]


def laid_out(blocks: Iterable[Block]) -> list[Piece]:
    """Pages where breaks say so; else a page a chapter, and one in all for a short document."""
    blocks = list(blocks)
    if any(block.ends for block in blocks):
        return [piece for page in _pages(blocks) for piece in _piece(page)]
    if sum(len(block.text) for block in blocks) <= _ONE_PAGE_CHARACTERS:
        return _piece(blocks)
    return [piece for label, chapter in _chapters(blocks) for piece in _piece(chapter, label)]


def _pages(blocks: Iterable[Block]) -> list[list[Block]]:
    pages: list[list[Block]] = [[]]
    # The first page begins by itself, and a program sees the end of a page where the author wanted one, too.
    begun = fresh = False
    for block in blocks:
        if begun and block.ends and not (fresh and block.ends is Break.SEEN):
            pages.append([])
        if block.ends:
            fresh = block.ends is Break.STATED
        if _shows_something(block):
            begun, fresh = True, False
        pages[-1].append(block)
    while len(pages) > 1 and not any(map(_shows_something, pages[-1])):
        last = pages.pop()
        pages[-1] += last
    return pages


def _shows_something(block: Block) -> bool:
    return bool(block.text.strip() or block.pictures or block.drawings)


def _chapters(blocks: list[Block]) -> Iterator[tuple[str, list[Block]]]:
    levels = sorted({len(found[1]) for block in blocks if (found := _TOP_HEADING.match(block.text))})
    # One heading of the first level is the title; the chapters have the second then.
    counts = {level: sum(_is_heading(block, level) for block in blocks) for level in levels}
    level = next((level for level in levels if counts[level] > 1), 0)
    label, chapter = "", list[Block]()
    for block in blocks:
        if level and _is_heading(block, level):
            if chapter:
                yield label, chapter
            label, chapter = block.text.lstrip("# "), []
        chapter.append(block)
    yield label, chapter


def _is_heading(block: Block, level: int) -> bool:
    found = _TOP_HEADING.match(block.text)
    return bool(found and len(found[1]) == level)


def _piece(blocks: Iterable[Block], label: str = "") -> list[Piece]:
    text, notes, pictures, drawings = "", list[str](), list[bytes](), 0
    for block in blocks:
        if block.text.strip():
            text += ("\n" if block.glued else "\n\n") + block.text
        notes += block.notes
        pictures += block.pictures
        drawings += block.drawings
    whole = "\n\n".join([text, *dict.fromkeys(notes)]).strip()
    return parts(whole, label, tuple(pictures), drawings)
