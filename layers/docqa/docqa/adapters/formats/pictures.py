"""Pictures, and the documents that are made of them for text recognition."""

from __future__ import annotations

import io
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import IO

import pypdfium2
from PIL import Image, ImageFile, ImageOps, ImageSequence, UnidentifiedImageError

from docqa.adapters.ink import shown_by
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentTooLargeError, MalformedDocumentError
from docqa.models.page import Shows

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
# Textract takes up to 10,000 pixels a side, and PDF pages of up to 2,880 points.
MAX_SIDE = 10_000
_MAX_POINTS = 2_880
# A picture becomes an A4 page at most: what reads it sees each pixel at 150 dots an inch and above.
_PAGE_POINTS = 842
_JPEG_QUALITY = 92
_SIGNS_OF_DAMAGE = (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError)
_SPILL_BYTES = 16 * 1024 * 1024
# Rules, dots and bullets: not a word fits into them.
_SMALL_SIDE = 24


def open_picture(content: bytes | IO[bytes], limits: ParsingLimits) -> Image.Image:
    """A picture, of which only the header was read.

    Raises:
        MalformedDocumentError: no picture of a kind that is read.
        DocumentTooLargeError: too many pixels.
    """
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # Pillow warns of what it calls large and of damaged metadata; our own limit stands below.
            warnings.simplefilter("ignore")
            picture = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_large(limits) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError) as error:
        raise MalformedDocumentError("The picture is damaged and cannot be opened. Upload it again.") from error
    check_pixels(picture, limits)
    return picture


def check_pixels(picture: Image.Image, limits: ParsingLimits) -> None:
    """Refuse a picture, or one frame of it, that would fill the memory.

    Raises:
        DocumentTooLargeError: too many pixels.
    """
    if picture.width * picture.height > limits.max_image_pixels:
        raise _too_large(limits)


class Worth(Enum):
    """Whether a picture within a document is to be read."""

    READABLE = "readable"
    DECORATION = "decoration"
    UNREADABLE = "unreadable"


def worth(content: bytes, limits: ParsingLimits, *, smallest_side: int = _SMALL_SIDE, unpacked: bool = False) -> Worth:
    """Whether a picture within a document can be read, and is larger than an icon.

    Args:
        content: The picture as a file.
        limits: Of its pixels.
        smallest_side: In pixels; what is smaller holds no text.
        unpacked: Be sure of it, and not only by the picture's head.
    """
    try:
        picture = open_picture(content, limits)
        if unpacked:
            unpack(picture)
    except (MalformedDocumentError, DocumentTooLargeError):
        return Worth.UNREADABLE
    return Worth.READABLE if min(picture.size) >= smallest_side else Worth.DECORATION


def unpack(picture: Image.Image) -> bool:
    """Unpack the current frame; whether all of it was there. What is left of one that was cut off is read, too.

    Raises:
        MalformedDocumentError: nothing of it can be shown.
    """
    try:
        picture.load()
    except _SIGNS_OF_DAMAGE:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            with _damage_stated():
                picture.load()
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
        return False
    return True


def most_shown(pictures: Sequence[bytes], limits: ParsingLimits) -> Shows:
    """What somebody sees who looks at all of these: writing if there is any."""
    seen = set()
    for content in pictures:
        picture = open_picture(content, limits)
        unpack(picture)
        seen.add(shown_by(picture))
    return next(shows for shows in (Shows.WRITING, Shows.PICTURE, Shows.NOTHING) if shows in seen)


class PictureDocument:
    """A PDF in the making: pages of pictures, and pages of other PDFs."""

    def __init__(self, limits: ParsingLimits) -> None:
        self._limits = limits
        self._pdf = pypdfium2.PdfDocument.new()

    def add_page(self, pictures: Sequence[bytes | IO[bytes]]) -> None:
        """One page with these pictures below each other.

        Raises:
            MalformedDocumentError: a picture is damaged.
        """
        self._add([_as_jpeg(open_picture(picture, self._limits)) for picture in pictures])

    def add_frames(self, file: IO[bytes], numbers: Sequence[int] | None = None) -> None:
        """A page for each of these frames (1-based, ascending); all of them when none are named.

        Raises:
            MalformedDocumentError: the picture is damaged.
        """
        picture = open_picture(file, self._limits)
        with _damage_stated():
            for number, frame in enumerate(ImageSequence.Iterator(picture), start=1):
                if numbers is None or number in numbers:
                    check_pixels(frame, self._limits)
                    self._add([_as_jpeg(frame)])

    def add_file(self, file: IO[bytes]) -> None:
        """Every page of a file that a selector gave: a PDF or a picture.

        Raises:
            MalformedDocumentError: the file is damaged.
        """
        file.seek(0)
        if not file.read(8).startswith(b"%PDF-"):
            self.add_frames(file)
            return
        file.seek(0)
        try:
            other = pypdfium2.PdfDocument(file)
            self._pdf.import_pages(other)
        except pypdfium2.PdfiumError as error:
            raise MalformedDocumentError("Pages of a PDF are damaged and cannot be taken out.") from error
        other.close()

    @contextmanager
    def saved(self) -> Iterator[IO[bytes]]:
        """The finished PDF as a file."""
        with tempfile.SpooledTemporaryFile(max_size=_SPILL_BYTES) as file:
            self._pdf.save(file)
            self._pdf.close()
            file.seek(0)
            yield file

    def _add(self, jpegs: Sequence[tuple[bytes, int, int]]) -> None:
        sizes = [_points(width, height) for _, width, height in jpegs]
        scale = min(1.0, _MAX_POINTS / sum(height for _, height in sizes))
        page = self._pdf.new_page(scale * max(width for width, _ in sizes), scale * sum(height for _, height in sizes))
        top = page.get_height()
        for (content, _, _), (width, height) in zip(jpegs, sizes, strict=True):
            top -= scale * height
            image = pypdfium2.PdfImage.new(self._pdf)
            image.load_jpeg(io.BytesIO(content), inline=True)
            image.set_matrix(pypdfium2.PdfMatrix().scale(scale * width, scale * height).translate(0, top))
            page.insert_obj(image)
        page.gen_content()
        page.close()


@contextmanager
def _damage_stated() -> Iterator[None]:
    try:
        yield
    except _SIGNS_OF_DAMAGE as error:
        raise MalformedDocumentError("The picture is damaged and cannot be read. Upload it again.") from error


def _as_jpeg(picture: Image.Image) -> tuple[bytes, int, int]:
    """A picture upright, on white ground and within limits: JPEG bytes, width and height."""
    unpack(picture)
    with _damage_stated():
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((MAX_SIDE, MAX_SIDE))
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            ground = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(ground, upright)
        file = io.BytesIO()
        upright.convert("L" if upright.mode in ("1", "L", "I;16") else "RGB").save(
            file, "JPEG", quality=_JPEG_QUALITY, subsampling=0
        )
    return file.getvalue(), upright.width, upright.height


def _points(width: int, height: int) -> tuple[float, float]:
    scale = min(1.0, _PAGE_POINTS / max(width, height))
    return width * scale, height * scale


def _too_large(limits: ParsingLimits) -> DocumentTooLargeError:
    return DocumentTooLargeError(
        f"The picture has more than {limits.max_image_pixels // 1_000_000} million pixels. Save it smaller."
    )
