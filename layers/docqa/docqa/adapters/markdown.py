"""Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from docqa.adapters.plain_text import TEXT_MAX_BYTES, text_page
from docqa.adapters.text_decoding import read_text
from docqa.domain.headings import first_heading
from docqa.domain.page_text import clean
from docqa.models.page import Page
from docqa.ports.reading import Outline

_FENCE = re.compile(r"^(```|~~~)", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# `![alt](address)` and `[text](address)`: what a reader sees is the text. Addresses would only pollute the search,
# and an answer must not carry addresses out of a document.
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_OPENING_CHARACTERS = 1_000


class MarkdownFormat:
    """Implements `ports.DocumentFormat`. A Markdown file is one page; its heading marks stay."""

    def outline(self, file: IO[bytes]) -> Outline:
        """First heading and first lines."""
        text = _read(file)
        return Outline(pages=1, title=first_heading(text), opening=text[:_OPENING_CHARACTERS])

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:  # noqa: ARG002 - there is one page
        """The one page."""
        yield text_page(1, _read(file))


def _read(file: IO[bytes]) -> str:
    text = _COMMENT.sub("", clean(read_text(file, TEXT_MAX_BYTES)))
    # Every second part lies inside a code fence and stays as it is.
    parts = _FENCE.split(text)
    for index in range(0, len(parts), 4):
        parts[index] = _LINK.sub(r"\1", parts[index])
    return "".join(parts)
