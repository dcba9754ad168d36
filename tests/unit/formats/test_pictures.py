"""Pictures: their text has to be recognised; what is sent is within Textract's limits and upright."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentTooLargeError, MalformedDocumentError
from docqa.models.page import ReadingMethod
from tests.unit.formats.pictures import pages_of_tiff, picture, turned
from tests.unit.formats.reading import read, selected


def rendered(content: bytes, page: int = 0) -> tuple[int, int, bool]:
    """Width and height of a page in points, and whether its upper left corner is dark."""
    document = pypdfium2.PdfDocument(content)
    drawn = document[page].render(scale=1, grayscale=True).to_pil()
    return drawn.width, drawn.height, drawn.getpixel((drawn.width // 10, drawn.height // 20)) < 100


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_what_textract_takes_is_sent_as_it_is(kind: str) -> None:
    content = picture(kind)
    (page,) = read(content)

    assert (page.method, page.reason) == (ReadingMethod.NEEDS_OCR, "a picture of 400 x 200 pixels")
    assert selected(content, [1]) == content


@pytest.mark.parametrize(
    ("kind", "mode"), [("GIF", "P"), ("BMP", "RGB"), ("WEBP", "RGB"), ("TIFF", "CMYK"), ("PNG", "I;16")]
)
def test_other_pictures_are_sent_as_a_pdf(kind: str, mode: str) -> None:
    content = picture(kind, mode=mode)

    assert rendered(selected(content, [1])) == (400, 200, True)


def test_a_turned_picture_is_sent_upright() -> None:
    assert selected(turned(1), [1]) == turned(1)
    # Turned by a quarter to the right, the bar is in the upper right corner of a high picture.
    assert rendered(selected(turned(6), [1])) == (200, 400, False)
    assert rendered(selected(turned(3), [1])) == (400, 200, False)


def test_a_picture_with_too_many_pixels_a_side_is_sent_smaller() -> None:
    content = picture("PNG", (10_400, 300), mode="1")

    width, height, dark = rendered(selected(content, [1]))

    assert (width, dark) == (842, True)
    assert height == pytest.approx(24, abs=1)


def test_pages_of_a_tiff_are_pages() -> None:
    content = pages_of_tiff(3)

    assert [page.reason for page in read(content)] == [
        f"a picture of 300 x {height} pixels" for height in (100, 101, 102)
    ]
    assert selected(content, [1, 2, 3]) == content
    document = pypdfium2.PdfDocument(selected(content, [1, 3]))
    assert [page.get_size() for page in document] == [(300, 100), (300, 102)]


def test_bombs_and_damage_are_refused_in_words() -> None:
    """Promise 46: pixels are counted before they are unpacked."""
    with pytest.raises(DocumentTooLargeError, match="pixels"):
        read(picture("PNG", (3_000, 3_000), mode="1"), limits=ParsingLimits(max_image_pixels=1_000_000))
    with pytest.raises(MalformedDocumentError, match="damaged"):
        read(b"\x89PNG\r\n\x1a\n" + bytes(60))


def test_transparent_ground_is_paper() -> None:
    from PIL import Image

    image, file = Image.new("RGBA", (400, 200), (0, 0, 0, 0)), io.BytesIO()
    image.save(file, "WEBP", lossless=True)

    assert rendered(selected(file.getvalue(), [1])) == (400, 200, False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_of_a_picture_that_was_cut_off_what_is_left_is_read(kind: str) -> None:
    content = picture(kind, (900, 900))
    cut = content[: len(content) * 2 // 3]

    (page,) = read(cut)

    assert (page.method, page.reason) == (ReadingMethod.NEEDS_OCR, "what is left of a picture of 900 x 900 pixels")
    assert rendered(selected(cut, [1]))[:2] == (842, 842)
