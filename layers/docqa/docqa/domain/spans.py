"""How pages and chunks are shared out among the iterations of a map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docqa.models.work import ChunkSpan, PageSpan

# 100 pages are read in half a second, and 3,000 pages (Textract's limit) are 30 iterations.
PAGES_PER_SPAN = 100
# Two full calls of the model that takes most texts at once (96), side by side. Each span costs two function calls and
# some 20 calls of others, however many chunks it has. 12,000 chunks (3,000 pages) are 63 iterations of some 14 events:
# far below the 25,000 of an execution.
CHUNKS_PER_SPAN = 192
# What is taken out of a file at once. PDFium holds it twice: 128 MB are some 300 MB of memory, 500 MB would be 1.1 GB.
# More parts are more jobs, one after the other.
PART_BYTES = 128 * 1024 * 1024


def page_spans(pages: int, *, whole: bool = False) -> list[PageSpan]:
    """Spans that cover pages 1 to `pages`.

    Args:
        pages: How many there are.
        whole: Of a format that is parsed as a whole whichever page is read: one span, or it would be fetched and parsed
            once a span, and a workbook of 3,000 sheets thirty times.
    """
    if whole:
        return [PageSpan(first=1, last=pages)]
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


def parts_of(numbers: Sequence[int], pages: int, size: int) -> list[list[int]]:
    """Pages to be taken out of a file in parts of about `PART_BYTES`; all of its pages are one part, the file itself.

    Args:
        numbers: The pages that are wanted, ascending.
        pages: How many pages the file has.
        size: Bytes of the file.
    """
    if not numbers:
        return []
    if len(numbers) == pages:
        return [list(numbers)]
    most = max(1, PART_BYTES * pages // max(size, 1))
    return [list(numbers[at : at + most]) for at in range(0, len(numbers), most)]
