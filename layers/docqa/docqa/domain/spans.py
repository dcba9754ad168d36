"""How pages and chunks are shared out among the iterations of a map."""

from __future__ import annotations

from collections.abc import Iterable

from docqa.models.work import ChunkSpan, PageSpan

# 100 pages are read in half a second, and 3,000 pages (Textract's limit) are 30 iterations.
PAGES_PER_SPAN = 100
# 100 vectors of 1,024 floats are 1.3 MB of bulk request, well below the 10 MB of the smallest search instances,
# and 12,000 chunks (3,000 pages) are 120 iterations of some 14 events: far below the 25,000 of an execution.
CHUNKS_PER_SPAN = 100


def page_spans(pages: int) -> list[PageSpan]:
    """Spans that cover pages 1 to `pages`."""
    return [
        PageSpan(first=first, last=min(first + PAGES_PER_SPAN - 1, pages))
        for first in range(1, pages + 1, PAGES_PER_SPAN)
    ]


def chunk_spans(chunks: int) -> list[ChunkSpan]:
    """Spans that cover ordinals 0 to `chunks` - 1."""
    return [
        ChunkSpan(first=first, last=min(first + CHUNKS_PER_SPAN, chunks) - 1)
        for first in range(0, chunks, CHUNKS_PER_SPAN)
    ]


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Ascending numbers as inclusive ranges: 1, 2, 3, 7 are (1, 3), (7, 7)."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)
