"""What of a passage its reader can see: the rest is never quoted and never shown to a model.

A passage keeps its hidden text, because every place in it counts from the page; these functions look past it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from docqa.models.chunk import Chunk

# White space and single characters of no width say nothing, seen or not.
_SAID = re.compile("[^\\s\u180e\u200b-\u200d\u2060-\u2064\ufeff]")


def spans_within(spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The parts of a page's spans that lie between `start` and `end`, counted from `start`."""
    return tuple(
        (max(first, start) - start, min(last, end) - start) for first, last in spans if first < end and start < last
    )


def visible_text(chunk: Chunk) -> str:
    """The chunk's text with blanks in place of what cannot be seen: every place in it is the same as in `text`."""
    text = chunk.text
    for first, last in chunk.hidden:
        text = text[:first] + _SAID.sub(" ", text[first:last]) + text[last:]
    return text


def shows_hidden(chunk: Chunk, start: int, end: int) -> bool:
    """Whether `text[start:end]` holds something that cannot be seen."""
    return any(
        first < end and start < last and _SAID.search(chunk.text, max(first, start), min(last, end))
        for first, last in chunk.hidden
    )
