"""What the formats that are read in one go have in common: a document is a list of pieces, each of them a page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from docqa.adapters.formats.pictures import PictureDocument, Worth, most_shown, worth
from docqa.domain.hidden_marks import settle
from docqa.domain.page_text import clean
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import EmptyDocumentError
from docqa.models.page import Page, ReadingMethod
from docqa.ports.reading import Outline

_OPENING_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One page as its format gives it.

    Attributes:
        text: Its text; hidden parts between the marks of `domain.hidden_marks`.
        label: What its reader calls it.
        pictures: The pictures on it, as files.
        drawings: How many pictures are on it that no text recognition takes (vector drawings, films).
    """

    text: str
    label: str = ""
    pictures: tuple[bytes, ...] = ()
    drawings: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole document.

    Attributes:
        title: As it states it.
        tidy: How the text of its pages is cleaned.
    """

    pieces: Sequence[Piece]
    title: str = ""
    tidy: Callable[[str], str] = field(default=clean)


class WholeFormat(ABC):
    """Implements `ports.DocumentFormat` and `ports.PageSelector` by `parse`."""

    def __init__(self, limits: ParsingLimits) -> None:
        self.limits = limits

    @abstractmethod
    def parse(self, file: IO[bytes]) -> Contents:
        """Read all of the document.

        Raises:
            DocumentError: it cannot be read.
        """

    def outline(self, file: IO[bytes]) -> Outline:
        """Pages, stated title and first lines."""
        contents = self._contents(file)
        opening = next((text for piece in contents.pieces if (text := settle(piece.text, contents.tidy)[0])), "")
        return Outline(pages=len(contents.pieces), title=contents.title, opening=opening[:_OPENING_CHARACTERS])

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """Pages in order; one with nothing but pictures needs extraction."""
        contents = self._contents(file)
        for number in range(first, min(last, len(contents.pieces)) + 1):
            yield self._page(number, contents.pieces[number - 1], contents.tidy)

    @contextmanager
    def select(self, file: IO[bytes], numbers: Sequence[int]) -> Iterator[IO[bytes]]:
        """A PDF with the pictures of these pages, a page each."""
        pieces = self._contents(file).pieces
        document = PictureDocument(self.limits)
        for number in numbers:
            document.add_page(self._readable(pieces[number - 1]))
        with document.saved() as selected:
            yield selected

    def _contents(self, file: IO[bytes]) -> Contents:
        file.seek(0)
        contents = self.parse(file)
        if not contents.pieces:
            raise EmptyDocumentError("The document is empty.")
        return contents

    def _page(self, number: int, piece: Piece, tidy: Callable[[str], str]) -> Page:
        text, hidden = settle(piece.text, tidy)
        if text.strip():
            unread = piece.drawings + sum(
                worth(picture, self.limits) is not Worth.DECORATION for picture in piece.pictures
            )
            return Page(
                number,
                text,
                ReadingMethod.TEXT_LAYER,
                "its own text",
                label=piece.label,
                hidden=hidden,
                unread_pictures=unread,
            )
        readable = self._readable(piece)
        if readable:
            return Page(
                number,
                "",
                ReadingMethod.NEEDS_OCR,
                f"no text, pictures: {len(readable)}",
                label=piece.label,
                shows=most_shown(readable, self.limits),
            )
        unreadable = piece.drawings + self._count(piece, Worth.UNREADABLE)
        if unreadable:
            reason = f"no text, only pictures that cannot be read: {unreadable}"
            return Page(number, "", ReadingMethod.UNREADABLE, reason, confidence=0.0, label=piece.label)
        return Page(number, "", ReadingMethod.EMPTY, "no text", label=piece.label)

    def _readable(self, piece: Piece) -> list[bytes]:
        return [one for one in piece.pictures if worth(one, self.limits, unpacked=True) is Worth.READABLE]

    def _count(self, piece: Piece, kind: Worth) -> int:
        return sum(worth(picture, self.limits, unpacked=True) is kind for picture in piece.pictures)
