"""Picture files: every frame of a TIFF is a page, any other picture is one page. Their text has to be recognised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from PIL import ExifTags, Image

from docqa.adapters.formats.pictures import MAX_SIDE, PictureDocument, check_pixels, open_picture, unpack
from docqa.adapters.ink import shown_by
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentTooLargeError, MalformedDocumentError
from docqa.models.page import Page, ReadingMethod
from docqa.ports.reading import Outline

# Textract's limits: 10 MB for PNG and JPEG, 500 MB for TIFF.
_MAX_BYTES = {"PNG": 10_000_000, "JPEG": 10_000_000, "TIFF": 500_000_000}
_MODES = ("1", "L", "P", "RGB", "RGBA")
_UPRIGHT = 1


class PictureFormat:
    """Implements `ports.DocumentFormat` and `ports.PageSelector`."""

    def __init__(self, limits: ParsingLimits) -> None:
        self._limits = limits

    def outline(self, file: IO[bytes]) -> Outline:
        """How many pages it has."""
        frames = _frames(open_picture(file, self._limits))
        if frames > self._limits.max_pages:
            raise DocumentTooLargeError(
                f"The picture has {frames} pages; at most {self._limits.max_pages} are read. Split it."
            )
        return Outline(pages=frames)

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """Pages that need extraction; a damaged one is UNREADABLE."""
        picture = open_picture(file, self._limits)
        for number in range(first, last + 1):
            try:
                picture.seek(number - 1)
                check_pixels(picture, self._limits)
                whole = unpack(picture)
            except (OSError, EOFError, ValueError, SyntaxError, MalformedDocumentError):
                yield Page(number, "", ReadingMethod.UNREADABLE, "the picture is damaged", confidence=0.0)
                continue
            what = f"a picture of {picture.width} x {picture.height} pixels"
            reason = what if whole else f"what is left of {what}"
            yield Page(number, "", ReadingMethod.NEEDS_OCR, reason, shows=shown_by(picture))

    @contextmanager
    def select(self, file: IO[bytes], numbers: Sequence[int]) -> Iterator[IO[bytes]]:
        """The file itself when all of it can be sent as it is; else a PDF of these pages, upright and within limits."""
        size = file.seek(0, 2)
        picture = open_picture(file, self._limits)
        if (
            len(numbers) == _frames(picture)
            and size <= _MAX_BYTES.get(picture.format or "", 0)
            and _can_be_sent(picture)
        ):
            file.seek(0)
            yield file
            return
        document = PictureDocument(self._limits)
        document.add_frames(file, numbers)
        with document.saved() as selected:
            yield selected


def _frames(picture: Image.Image) -> int:
    """Frames of a TIFF are pages; those of a GIF or WebP are a film, of which the first is read."""
    if picture.format != "TIFF":
        return 1
    try:
        return int(getattr(picture, "n_frames", 1))
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise MalformedDocumentError("The picture is damaged and cannot be opened. Upload it again.") from error


def _can_be_sent(picture: Image.Image) -> bool:
    for number in range(_frames(picture)):
        try:
            picture.seek(number)
            # A scan of thousands of pages was unpacked when its pages were read.
            if picture.format != "TIFF" and not unpack(picture):
                return False
        except (OSError, EOFError, ValueError, SyntaxError, MalformedDocumentError):
            return False
        if max(picture.size) > MAX_SIDE or picture.mode not in _MODES:
            return False
        if picture.getexif().get(ExifTags.Base.Orientation, _UPRIGHT) != _UPRIGHT:
            return False
    return True
