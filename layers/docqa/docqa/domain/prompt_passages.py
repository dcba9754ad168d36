"""Passages as a prompt shows them: numbered, and unable to look like anything but data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from docqa.models.chunk import ScoredChunk

_NUMBERED = re.compile(r"\[(\s*\d[\d\s,]*)\]")
# What the prompt's delimiters are made of cannot occur inside a passage, so no passage can end itself.
_DELIMITERS = str.maketrans({"<": "\u2039", ">": "\u203a"})


def render_passages(passages: Sequence[ScoredChunk]) -> str:
    """The passages, each in its own element, numbered from 1."""
    return "\n".join(_render(number, passage) for number, passage in enumerate(passages, start=1))


def _render(number: int, passage: ScoredChunk) -> str:
    name = as_data(" / ".join((passage.title, *passage.chunk.headings))).replace('"', "'")
    text = "\n".join(part for part in (passage.chunk.header, passage.chunk.text) if part)
    return f'<passage number="{number}" from="{name}">\n{as_data(text)}\n</passage>'


def as_data(text: str) -> str:
    """Text that holds neither a delimiter nor a citation mark."""
    return _NUMBERED.sub(r"(\1)", text.translate(_DELIMITERS))
