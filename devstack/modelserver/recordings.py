"""Recorded Textract responses that stand in for the OCR engine."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from devstack.modelserver.pages import PagePictures, UnreadableDocumentError
from devstack.modelserver.textract_blocks import Block

# The block types that text detection returns, and those that each feature of an analysis adds.
# https://docs.aws.amazon.com/textract/latest/dg/API_Block.html
TEXT_TYPES = frozenset({"PAGE", "LINE", "WORD"})
FEATURE_TYPES: Mapping[str, frozenset[str]] = {
    "TABLES": frozenset({"TABLE", "CELL", "MERGED_CELL", "TABLE_TITLE", "TABLE_FOOTER", "SELECTION_ELEMENT"}),
    "FORMS": frozenset({"KEY_VALUE_SET", "SELECTION_ELEMENT"}),
    "QUERIES": frozenset({"QUERY", "QUERY_RESULT"}),
    "SIGNATURES": frozenset({"SIGNATURE"}),
}
LAYOUT = "LAYOUT"
# Two renderings of one page are alike to the last bit; this small, they cost nothing to compare.
LOOKED_AT_DPI = 20
SOURCE_SUFFIXES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})


@dataclass(frozen=True)
class RecordedPage:
    """The blocks of one page as Textract gave them."""

    blocks: tuple[Block, ...]

    def as_page(self, number: int, features: Collection[str]) -> list[Block]:
        """The page under another number, without what was not asked for; its ids are fresh.

        Args:
            number: 1-based.
            features: FeatureTypes of an analysis; none for text detection.
        """
        kept = [block for block in self.blocks if is_wanted(block["BlockType"], features)]
        ids = {block["Id"]: str(uuid.uuid4()) for block in kept}
        return [_without_links(block) | {"Id": ids[block["Id"]], "Page": number} | _links(block, ids) for block in kept]

    def answers(self, features: Collection[str]) -> int:
        """How many blocks of the features it has: the recording of a plain detection knows no tables."""
        return sum(is_wanted(block["BlockType"], features) for block in self.blocks)


class Recordings:
    """The responses of one folder, its subfolders included.

    Which recording answers a page is decided in this order:

    1. A file `<SHA-256 of the input>.json` is the response to that input, page by page.
    2. A file whose name ends with the name of a PDF or picture of the folder plus `.json` is the response to that
       PDF or picture: it answers every page that looks like one of its pages.
    3. Any other page is answered by one of all recorded pages, chosen by the input's hash and the page's number.

    Raises:
        ValueError: there is no recorded page in the folder.
    """

    def __init__(self, folder: Path) -> None:
        responses = {path: pages for path in sorted(folder.rglob("*.json")) if (pages := _read(path))}
        if not responses:
            raise ValueError(f"{folder} holds no recorded response with Blocks")
        self._by_hash = {path.stem: pages for path, pages in responses.items() if len(path.stem) == len(_digest(b""))}
        self._all = [page for pages in responses.values() for page in pages]
        self._by_look: dict[str, list[RecordedPage]] = {}
        for source in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOURCE_SUFFIXES):
            answers = [pages for path, pages in responses.items() if path.stem.endswith(source.name)]
            if answers:
                self._learn(source.read_bytes(), answers)

    def _learn(self, content: bytes, answers: Iterable[list[RecordedPage]]) -> None:
        try:
            looks = list(_looks(content))
        except UnreadableDocumentError:
            return
        for pages in answers:
            for look, page in zip(looks, pages, strict=False):
                self._by_look.setdefault(look, []).append(page)

    def pages(self, content: bytes, features: Collection[str]) -> Iterator[list[Block] | None]:
        """Blocks of each page of the input in order; None for a page that cannot be rendered.

        Raises:
            UnreadableDocumentError: the input is damaged.
        """
        digest = _digest(content)
        own = self._by_hash.get(digest, [])
        for number, look in enumerate(_looks(content), start=1):
            if not look:
                yield None
            elif number <= len(own):
                yield own[number - 1].as_page(number, features)
            else:
                chosen = self._all[(int(digest[:8], 16) + number) % len(self._all)]
                known = self._by_look.get(look, [chosen])
                yield max(known, key=lambda page: page.answers(features)).as_page(number, features)


def is_wanted(block_type: str, features: Collection[str]) -> bool:
    """Whether a job with these features returns blocks of this type."""
    if block_type.startswith(LAYOUT):
        return LAYOUT in features
    return block_type in TEXT_TYPES or any(block_type in FEATURE_TYPES.get(name, ()) for name in features)


def _read(path: Path) -> list[RecordedPage]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        return []
    answers: list[Any] = content if isinstance(content, list) else [content]
    blocks = [block for one in answers if isinstance(one, dict) for block in one.get("Blocks") or []]
    if any("Id" not in block or "BlockType" not in block for block in blocks):
        return []
    # A response to a single picture says nothing of pages.
    numbered = sorted(blocks, key=lambda block: int(block.get("Page") or 1))
    return [RecordedPage(tuple(page)) for _, page in groupby(numbered, key=lambda block: int(block.get("Page") or 1))]


def _without_links(block: Block) -> Block:
    return {name: value for name, value in block.items() if name != "Relationships"}


def _links(block: Block, ids: Mapping[str, str]) -> Block:
    """The block's relationships to blocks that are there, under their new ids."""
    links = [
        {**link, "Ids": [ids[one] for one in link["Ids"] if one in ids]} for link in block.get("Relationships") or []
    ]
    kept = [link for link in links if link["Ids"]]
    return {"Relationships": kept} if kept else {}


def _looks(content: bytes) -> Iterator[str]:
    """A digest of each page's picture; an empty one for a page that cannot be rendered."""
    for picture in PagePictures(content, LOOKED_AT_DPI).each():
        yield "" if picture is None else _look(picture)


def _look(picture: NDArray[np.uint8]) -> str:
    small = Image.fromarray(picture).convert("L")
    small.thumbnail((200, 200))
    return _digest(bytes(f"{small.size}", "ascii") + small.tobytes())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
