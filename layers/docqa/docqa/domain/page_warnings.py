"""What the owner of a document should know about its pages, in words of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docqa.domain.spans import ranges
from docqa.models.page import Page, ReadingMethod

# Textract's own confidence, as a mean over the words of a page. The 93 pages of its public sample responses, photographs
# and handwriting among them, have 0.87 to 1.00 (decision 0015); below this every fifth word is doubtful to the engine.
LOW_CONFIDENCE = 0.8
# Ranges that one sentence names; who has more pages to look at begins with these.
_MOST_RANGES = 20


class PageWarnings:
    """Notices while pages pass what has to be said about them."""

    def __init__(self) -> None:
        self._unreadable: list[int] = []
        self._doubtful: list[int] = []
        self._hidden: list[int] = []

    def see(self, page: Page) -> None:
        """Take the next page in order."""
        if page.method is ReadingMethod.UNREADABLE:
            self._unreadable.append(page.number)
        if page.method is ReadingMethod.OCR and page.confidence < LOW_CONFIDENCE:
            self._doubtful.append(page.number)
        if page.hidden:
            self._hidden.append(page.number)

    def sentences(self, without_tables: Sequence[int] = ()) -> tuple[str, ...]:
        """One sentence for each kind of trouble.

        Args:
            without_tables: Pages whose tables could only be read as lines.
        """
        told = (
            (self._unreadable, "could not be read and cannot be found. Upload a clearer copy."),
            (self._doubtful, "hard to read: some words may be wrong. A clearer scan helps."),
            (without_tables, "tables read as plain lines, because their analysis failed."),
            (self._hidden, "text that a reader of the page cannot see. It is marked in answers."),
        )
        return tuple(f"{named(numbers)}: {words}" for numbers, words in told if numbers)


def named(numbers: Iterable[int]) -> str:
    """Pages as a reader names them: `Page 3`, `Pages 3, 7-9`."""
    found = ranges(sorted(numbers))
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found[:_MOST_RANGES])
    more = " and more" if len(found) > _MOST_RANGES else ""
    single = len(found) == 1 and found[0][0] == found[0][1]
    return f"{'Page' if single else 'Pages'} {shown}{more}"
