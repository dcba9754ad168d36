"""Which pages are believed, which are read by eye, which are empty."""

import pytest

from docqa.domain.page_quality import choose_method, measure
from docqa.models.page import ReadingMethod

PROSE = "The aircraft left the runway and came to rest in a field. " * 5


@pytest.mark.parametrize(
    ("text", "image_cover", "paths", "method"),
    [
        (PROSE, 0.0, 0, ReadingMethod.TEXT_LAYER),
        (PROSE, 1.0, 0, ReadingMethod.TEXT_LAYER),  # a scan that was recognised before
        ("Contents" + "." * 400 + "7", 0.0, 0, ReadingMethod.TEXT_LAYER),
        ("1,234 5,678 (9) $ 12 % " * 20, 0.0, 0, ReadingMethod.TEXT_LAYER),
        ("परीक्षण का पाठ " * 20, 0.0, 0, ReadingMethod.TEXT_LAYER),
        ("Figure 1", 0.3, 0, ReadingMethod.TEXT_LAYER),
        ("Page 7", 1.0, 0, ReadingMethod.NEEDS_OCR),
        ("", 1.0, 0, ReadingMethod.NEEDS_OCR),
        ("", 0.05, 0, ReadingMethod.NEEDS_OCR),
        ("", 0.0, 400, ReadingMethod.NEEDS_OCR),
        (PROSE + "\ue001\ue002" * 40, 0.0, 0, ReadingMethod.NEEDS_OCR),
        ("\ufffd" * 200, 0.0, 0, ReadingMethod.NEEDS_OCR),
        ('"7+%$&/()' * 20, 0.0, 0, ReadingMethod.NEEDS_OCR),
        ("", 0.0, 3, ReadingMethod.EMPTY),
        (" \n\t", 0.001, 0, ReadingMethod.EMPTY),
    ],
)
def test_the_measures_decide_and_the_page_says_why(
    text: str, image_cover: float, paths: int, method: ReadingMethod
) -> None:
    chosen, reason = choose_method(measure(text, image_cover, paths))

    assert chosen is method
    assert reason
