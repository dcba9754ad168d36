"""Mails of any kind: the message is the first page, and every attachment follows with pages of its own."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO

from docqa.adapters.formats.catalogue import MAKERS, SelectingFormat, detector
from docqa.adapters.formats.pictures import PictureDocument, Worth, worth
from docqa.domain import media_types
from docqa.domain.hidden_marks import settle
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentError, ParsingLimitError
from docqa.models.page import Page, ReadingMethod
from docqa.ports.reading import Outline

_OPENING_CHARACTERS = 1_000
_PICTURES = (media_types.PNG, media_types.JPEG, media_types.GIF, media_types.BMP, media_types.WEBP)
# Logos and signs in a mail's text; a picture that somebody pasted to be read is larger.
_DECORATION_SIDE = 100
NESTED_TOO_DEEPLY = "mails lie in each other more often than in any real mail"


@dataclass(slots=True)
class Attachment:
    """A file that came with a mail.

    Attributes:
        inline: The message shows it among its text.
        mail: Set instead of the content where the mail holds another one in its own notation.
        failure: Why there is neither.
    """

    name: str
    content: bytes
    inline: bool = False
    mail: Mail | None = None
    failure: str = ""


@dataclass(slots=True)
class Mail:
    """A mail taken apart.

    Attributes:
        headers: Name and value of those that a reader is shown.
        body: Its text; hidden parts between the marks of `domain.hidden_marks`.
    """

    subject: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """Consecutive pages of a mail: an attachment's, or one page that is known already."""

    first: int
    pages: int
    name: str
    reader: SelectingFormat | None = None
    file: IO[bytes] | None = None
    page: Page | None = None


class MailFormat(ABC):
    """Implements `ports.DocumentFormat` and `ports.PageSelector` by `parse`."""

    def __init__(self, limits: ParsingLimits) -> None:
        self.limits = limits

    @abstractmethod
    def parse(self, file: IO[bytes]) -> Mail:
        """Take the mail apart.

        Raises:
            DocumentError: it cannot be read.
        """

    def outline(self, file: IO[bytes]) -> Outline:
        """Pages of message and attachments; the subject as title."""
        mail = self._mail(file)
        last = list(self._parts(mail))[-1]
        opening = settle(mail.body)[0][:_OPENING_CHARACTERS]
        return Outline(last.first + last.pages - 1, mail.subject, opening, whole=True)

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """The message's page, then those of the attachments under the attachment's name."""
        for part in self._parts(self._mail(file)):
            numbers = range(max(first, part.first), min(last, part.first + part.pages - 1) + 1)
            if part.page and numbers:
                yield part.page
            elif numbers:
                yield from _renumbered(part, numbers)

    @contextmanager
    def select(self, file: IO[bytes], numbers: Sequence[int]) -> Iterator[IO[bytes]]:
        """A PDF with these pages of whatever attachments."""
        document = PictureDocument(self.limits)
        for part in self._parts(self._mail(file)):
            wanted = [number - part.first + 1 for number in numbers if part.first <= number < part.first + part.pages]
            if wanted and part.reader and part.file:
                with part.reader.select(part.file, wanted) as selected:
                    document.add_file(selected)
        with document.saved() as selected:
            yield selected

    def _mail(self, file: IO[bytes]) -> Mail:
        file.seek(0)
        return self.parse(file)

    def _parts(self, mail: Mail, first: int = 1, above: str = "", depth: int = 1) -> Iterator[_Part]:
        """Message and attachments with their place among the pages."""
        yield _Part(first, 1, above, page=_message(mail, first, above))
        first += 1
        for attachment in mail.attachments:
            if not (attachment.content.strip() or attachment.mail or attachment.failure):
                continue
            name = f"{above}, {attachment.name}" if above else attachment.name
            inner, failure = attachment.mail, attachment.failure
            if not inner and not failure:
                part, inner, failure = self._attached(attachment, name, first, depth)
                if part:
                    yield part
                    first += part.pages
            if inner and depth >= self.limits.max_nesting:
                inner, failure = None, NESTED_TOO_DEEPLY
            if inner:
                for part in self._parts(inner, first, name, depth + 1):
                    yield part
                    first = part.first + part.pages
            if failure:
                yield _Part(first, 1, name, page=_unreadable(first, name, failure))
                first += 1
            if first > self.limits.max_pages + 1:
                raise ParsingLimitError(
                    f"The mail and its attachments have more than {self.limits.max_pages} pages. "
                    "Save the attachments and upload them one by one."
                )

    def _attached(
        self, attachment: Attachment, name: str, first: int, depth: int
    ) -> tuple[_Part | None, Mail | None, str]:
        """Pages of an attachment, or the mail that it is, or why it cannot be read; nothing for a decoration."""
        file = io.BytesIO(attachment.content)
        try:
            kind = detector(self.limits).detect(file, attachment.name)
            if attachment.inline and kind in _PICTURES and self._is_decoration(attachment):
                return None, None, ""
            reader = MAKERS[kind](self.limits)
            if isinstance(reader, MailFormat):
                deep = depth >= self.limits.max_nesting
                return (None, None, NESTED_TOO_DEEPLY) if deep else (None, reader.parse(file), "")
            return _Part(first, reader.outline(file).pages, name, reader, file), None, ""
        except DocumentError as error:
            return None, None, str(error).replace(f"; {media_types.ACCEPTED}", "")
        except Exception as error:  # noqa: BLE001 - an attachment that breaks its parser must not take the mail along
            return None, None, f"its reader failed ({type(error).__name__})"

    def _is_decoration(self, attachment: Attachment) -> bool:
        return worth(attachment.content, self.limits, smallest_side=_DECORATION_SIDE) is Worth.DECORATION


def _message(mail: Mail, number: int, label: str) -> Page:
    heading = f"# {' '.join(mail.subject.split())}\n\n" if mail.subject.strip() else ""
    headers = "\n".join(f"{name}: {value}" for name, value in mail.headers if value)
    text, hidden = settle(f"{heading}{headers}\n\n{mail.body}")
    if not text:
        return Page(number, "", ReadingMethod.EMPTY, "a mail without header and text", label=label)
    return Page(number, text, ReadingMethod.TEXT_LAYER, "the message", label=label, hidden=hidden)


def _renumbered(part: _Part, numbers: range) -> Iterator[Page]:
    """An attachment's pages under the numbers that they have in the mail; damage found late is a page's damage."""
    assert part.reader is not None
    assert part.file is not None
    number = numbers.start
    try:
        for page in part.reader.read(part.file, numbers.start - part.first + 1, numbers.stop - part.first):
            yield replace(page, number=part.first + page.number - 1, label=_label(part, page))
            number = part.first + page.number
    except DocumentError as error:
        yield from (_unreadable(one, part.name, str(error)) for one in range(number, numbers.stop))
    except Exception as error:  # noqa: BLE001 - as above
        failure = f"its reader failed ({type(error).__name__})"
        yield from (_unreadable(one, part.name, failure) for one in range(number, numbers.stop))


def _label(part: _Part, page: Page) -> str:
    inner = page.label or (f"page {page.number}" if part.pages > 1 else "")
    return f"{part.name}, {inner}" if inner else part.name


def _unreadable(number: int, name: str, reason: str) -> Page:
    return Page(number, "", ReadingMethod.UNREADABLE, f"attachment: {reason}", confidence=0.0, label=name)
