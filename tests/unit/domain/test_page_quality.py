"""Which pages are believed, which are read by eye, which are empty."""

from __future__ import annotations

import pytest

from docqa.domain.page_quality import PageMeasures, choose_method, measure
from docqa.models.page import ReadingMethod

PROSE = "The aircraft left the runway and came to rest in a field. " * 5


@pytest.mark.parametrize(
    ("text", "image_cover", "paths", "method"),
    [
        (PROSE, 0.0, 0, ReadingMethod.TEXT_LAYER),
        (PROSE, 1.0, 0, ReadingMethod.TEXT_LAYER),  # a slide on a photograph
        ("Contents" + "." * 400 + "7", 0.0, 0, ReadingMethod.TEXT_LAYER),
        ("1,234 5,678 (9) $ 12 % " * 20, 0.0, 0, ReadingMethod.TEXT_LAYER),
        ("परीक्षण का पाठ " * 20, 0.0, 0, ReadingMethod.TEXT_LAYER),
        ("Figure 1", 0.2, 0, ReadingMethod.TEXT_LAYER),
        ("Figure 1", 0.4, 0, ReadingMethod.NEEDS_OCR),
        ("Figure 1", 0.0, 60, ReadingMethod.TEXT_LAYER),
        ("Figure 1", 0.0, 2_000, ReadingMethod.NEEDS_OCR),
        ("Page 7", 1.0, 0, ReadingMethod.NEEDS_OCR),
        ("", 1.0, 0, ReadingMethod.NEEDS_OCR),
        ("", 0.05, 0, ReadingMethod.NEEDS_OCR),
        ("", 0.0, 400, ReadingMethod.NEEDS_OCR),
        (PROSE + "\ue001\ue002" * 40, 0.0, 0, ReadingMethod.NEEDS_OCR),
        ("\ufffd" * 200, 0.0, 0, ReadingMethod.NEEDS_OCR),
        ('"7+%$&/()' * 20, 0.0, 0, ReadingMethod.NEEDS_OCR),
        ("Wkh dlufudiw ohiw wkh uxqzdb dqg fdph wr uhvw lq d ilhog. " * 5, 0.0, 0, ReadingMethod.NEEDS_OCR),
        ("", 0.0, 3, ReadingMethod.EMPTY),
        (" \n\t", 0.001, 0, ReadingMethod.EMPTY),
    ],
)
def test_the_measures_decide_and_the_page_says_why(
    text: str, image_cover: float, paths: int, method: ReadingMethod
) -> None:
    chosen, reason = choose_method(PageMeasures(measure(text), image_cover, paths))

    assert chosen is method
    assert reason


@pytest.mark.parametrize(
    ("page", "method"),
    [
        (PageMeasures(measure(PROSE), 1.0, layer_agreement=0.97), ReadingMethod.TEXT_LAYER),
        (PageMeasures(measure(PROSE), 1.0, layer_agreement=0.5), ReadingMethod.NEEDS_OCR),
        (PageMeasures(measure(PROSE), 1.0, in_margins=True), ReadingMethod.NEEDS_OCR),
        (PageMeasures(measure(PROSE), 1.0, in_margins=True, blank=True), ReadingMethod.TEXT_LAYER),
        (PageMeasures(measure("Page 7"), 1.0, blank=True), ReadingMethod.TEXT_LAYER),
        (PageMeasures(measure(""), 1.0, blank=True), ReadingMethod.EMPTY),
        (PageMeasures(measure(""), hidden=40), ReadingMethod.TEXT_LAYER),
        (PageMeasures(measure(PROSE, unmapped=60)), ReadingMethod.NEEDS_OCR),
    ],
)
def test_what_is_seen_of_the_page_decides_too(page: PageMeasures, method: ReadingMethod) -> None:
    assert choose_method(page)[0] is method
