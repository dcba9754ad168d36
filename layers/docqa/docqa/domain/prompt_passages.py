"""Passages as a prompt shows them: numbered, and unable to look like anything but data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from docqa.domain.inert import without_invisible
from docqa.domain.visible_text import visible_text
from docqa.models.chunk import ScoredChunk

_NUMBERED = re.compile(r"\[(\s*\d[\d\s,]*)\]")
# What the prompt's delimiters are made of cannot occur inside a passage, so no passage can end itself.
_DELIMITERS = str.maketrans({"<": "\u2039", ">": "\u203a"})
_ELEMENTS = re.compile(r"</?passages?\b[^>\n]*>", re.IGNORECASE)
# What hidden text leaves behind.
_GAP = re.compile(r"[ \t]{2,}")


def render_passages(passages: Sequence[ScoredChunk]) -> str:
    """The passages, each in its own element, numbered from 1. What their readers cannot see is left out."""
    return "\n".join(render_passage(number, passage) for number, passage in enumerate(passages, start=1))


def render_passage(number: int, passage: ScoredChunk) -> str:
    """One passage under its number."""
    chunk = passage.chunk
    named = (passage.title, *chunk.headings, chunk.label)
    name = as_data(" / ".join(part for part in named if part)).replace('"', "'")
    text = "\n".join(part for part in (chunk.header, visible_text(chunk)) if part)
    return f'<passage number="{number}" from="{name}">\n{as_data(text)}\n</passage>'


def without_elements(written: str) -> str:
    """What a model wrote, without the elements around passages that it copied with them."""
    return _ELEMENTS.sub("\n", written).strip()


def as_data(text: str) -> str:
    """Text that holds neither a delimiter, nor a citation mark, nor a character that cannot be seen."""
    return _NUMBERED.sub(r"(\1)", _GAP.sub(" ", without_invisible(text)).translate(_DELIMITERS))
