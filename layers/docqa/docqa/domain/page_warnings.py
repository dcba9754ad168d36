"""What the owner of a document should know about its pages, in words of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docqa.domain.spans import ranges
from docqa.models.page import Page, ReadingMethod, Shows

# Textract's own confidence, as a mean over the words of a page. The 93 pages of its public sample responses,
# photographs and handwriting among them, have 0.87 to 1.00 (decision 0015); below this every fifth word is doubtful
# to the engine.
LOW_CONFIDENCE = 0.8
# Ranges that one sentence names; who has more pages to look at begins with these.
_MOST_RANGES = 20
_UNRECOGNISED = (
    "no text was recognised in what is to be seen there: a script or hand that text extraction does not read, or a "
    "drawing. It cannot be found. If there are words, upload a copy with a text layer."
)
# Of attachments and slides that could not be read; the list of pages has all of them.
_MOST_NAMED = 10


class PageWarnings:
    """Notices while pages pass what has to be said about them."""

    def __init__(self) -> None:
        self._unreadable: list[int] = []
        self._unrecognised: list[int] = []
        self._without_words: list[int] = []
        self._doubtful: list[int] = []
        self._hidden: list[int] = []
        self._with_pictures: list[int] = []
        self._pictures = 0
        self._named: list[str] = []

    def see(self, page: Page) -> None:
        """Take the next page in order."""
        if page.method is ReadingMethod.UNREADABLE and page.label:
            # An attachment, a slide: what is wrong with it is known, and it has a name.
            self._named.append(f"{page.label}: {page.reason}".rstrip(".") + ".")
        elif page.method is ReadingMethod.UNREADABLE:
            self._unreadable.append(page.number)
        if page.method is ReadingMethod.UNRECOGNISED or page.incomplete:
            self._unrecognised.append(page.number)
        if page.shows is Shows.PICTURE and page.method in (ReadingMethod.EMPTY, ReadingMethod.TEXT_LAYER):
            self._without_words.append(page.number)
        if page.unread_pictures:
            self._with_pictures.append(page.number)
            self._pictures += page.unread_pictures
        if page.method is ReadingMethod.OCR and page.confidence < LOW_CONFIDENCE:
            self._doubtful.append(page.number)
        if page.hidden:
            self._hidden.append(page.number)

    def sentences(self, without_tables: Sequence[int] = ()) -> tuple[str, ...]:
        """One sentence for each kind of trouble.

        Args:
            without_tables: Pages whose tables could only be read as lines.
        """
        pictures = f"words in pictures beside the text were not read ({self._pictures} pictures)."
        told = (
            (self._unreadable, "could not be read and cannot be found. Upload a clearer copy."),
            (self._unrecognised, _UNRECOGNISED),
            (self._doubtful, "hard to read: some words may be wrong. A clearer scan helps."),
            (without_tables, "tables read as plain lines, because their analysis failed."),
            (self._hidden, "text that a reader of the page cannot see. It is marked in answers."),
            (self._with_pictures, pictures),
            (self._without_words, "a picture in which no words were found."),
        )
        by_name = dict.fromkeys(self._named)
        return (
            *(f"{named(numbers)}: {words}" for numbers, words in told if numbers),
            *list(by_name)[:_MOST_NAMED],
        )


def named(numbers: Iterable[int]) -> str:
    """Pages as a reader names them: `Page 3`, `Pages 3, 7-9`."""
    found = ranges(sorted(numbers))
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found[:_MOST_RANGES])
    more = " and more" if len(found) > _MOST_RANGES else ""
    single = len(found) == 1 and found[0][0] == found[0][1]
    return f"{'Page' if single else 'Pages'} {shown}{more}"
