"""A page of a document, as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReadingMethod(StrEnum):
    """How the text of a page was obtained."""

    TEXT_LAYER = "text_layer"
    OCR = "ocr"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    UNRECOGNISED = "unrecognised"
    NEEDS_OCR = "needs_ocr"


class Shows(StrEnum):
    """What somebody sees on a page whose picture has to be read, measured before it is."""

    NOT_LOOKED_AT = ""
    NOTHING = "nothing"
    PICTURE = "picture"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Page:
    """One page; quotes are verbatim spans of `text`.

    Attributes:
        number: 1-based number that the reader of the document would name.
        text: Everything readable on the page, in reading order. Headings carry Markdown marks where known.
        method: How the text was obtained. NEEDS_OCR exists only between reading and extraction; EMPTY: there is nothing
            to read; UNRECOGNISED: it shows something in which extraction found no text.
        reason: Why that method was chosen, in a few words.
        confidence: 0 to 1, mean of the extraction's own confidences; 1 for a text layer.
        label: What its reader calls it where a number is not enough: `Slide 3`, `Sheet Revenue`, `invoice.pdf, page 2`.
        hidden: Spans (start, end) of `text` that a reader of the page cannot see.
        unread_pictures: Pictures on a page with text of its own, whose words were not read.
        shows: What the picture of a page shows that needs extraction, besides the text that it has.
        incomplete: It has text, and besides it something that should have been extracted and was not.
    """

    number: int
    text: str
    method: ReadingMethod
    reason: str = ""
    confidence: float = 1.0
    label: str = ""
    hidden: tuple[tuple[int, int], ...] = ()
    unread_pictures: int = 0
    shows: Shows = Shows.NOT_LOOKED_AT
    incomplete: bool = False
