"""Lines of a page as Textract's blocks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from devstack.modelserver.models.ports import Line, Word

Block = dict[str, Any]
WHOLE_PAGE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def page_blocks(page: int, lines: Iterable[Line]) -> list[Block]:
    """PAGE, then its LINEs in reading order, then their WORDs; `page` is 1-based."""
    line_blocks: list[Block] = []
    word_blocks: list[Block] = []
    for line in lines:
        words = [_text_block("WORD", page, word) | {"TextType": "PRINTED"} for word in line.words]
        line_blocks.append(_text_block("LINE", page, line) | _children(words))
        word_blocks += words
    page_block = {"BlockType": "PAGE", "Geometry": _geometry(WHOLE_PAGE), "Id": str(uuid.uuid4()), "Page": page}
    return [page_block | _children(line_blocks), *line_blocks, *word_blocks]


def _text_block(kind: str, page: int, word: Word) -> Block:
    return {
        "BlockType": kind,
        "Confidence": word.confidence * 100,
        "Text": word.text,
        "Geometry": _geometry(word.corners),
        "Id": str(uuid.uuid4()),
        "Page": page,
    }


def _children(blocks: Sequence[Block]) -> Block:
    if not blocks:
        return {}
    return {"Relationships": [{"Type": "CHILD", "Ids": [block["Id"] for block in blocks]}]}


def _geometry(corners: Sequence[tuple[float, float]]) -> Block:
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    return {
        "BoundingBox": {"Width": right - left, "Height": bottom - top, "Left": left, "Top": top},
        "Polygon": [{"X": x, "Y": y} for x, y in corners],
    }
