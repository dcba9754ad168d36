"""Fields of a form as `key: value` lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from docqa.adapters.textract.blocks import Block, PageBlocks
from docqa.adapters.textract.tables import MARKS, mark


@dataclass(frozen=True, slots=True)
class Field:
    """A key with its value.

    Attributes:
        words: Ids of the words of both.
    """

    key: str
    value: str
    words: frozenset[str]

    @property
    def is_check_box(self) -> bool:
        """Whether its value is a mark alone."""
        return self.value in MARKS

    @property
    def text(self) -> str:
        """The line that it makes."""
        return f"{self.key.rstrip(' :')}: {self.value}"


def read_fields(page: PageBlocks, taken: Collection[str]) -> list[Field]:
    """The fields whose words nobody else has: tables and headings come first. A key without a value stays a line."""
    fields: list[Field] = []
    used = set(taken)
    for key in page.of_type("KEY_VALUE_SET", "KEY"):
        if "KEY" not in (key.get("EntityTypes") or ()):
            continue
        names = _content(page, [key])
        values = _content(page, list(page.related(key, "VALUE")))
        both = [block["Id"] for block in names + values if block["BlockType"] == "WORD"]
        words = set(both)
        if words & used or len(words) < len(both) or not _text(names).strip(" :") or not values:
            continue
        used |= words
        fields.append(Field(_text(names), _text(values), frozenset(words)))
    return fields


def _content(page: PageBlocks, blocks: Sequence[Block]) -> list[Block]:
    children = [child for block in blocks for child in page.related(block)]
    return page.in_reading_order([one for one in children if one["BlockType"] in ("WORD", "SELECTION_ELEMENT")])


def _text(blocks: Sequence[dict[str, Any] | Block]) -> str:
    return " ".join(mark(one) if one["BlockType"] == "SELECTION_ELEMENT" else one["Text"] for one in blocks)
