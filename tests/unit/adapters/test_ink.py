"""What a picture shows: writing in whatever script, a photograph, or nothing but paper."""

import random

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from docqa.adapters.ink import measure_ink, shown_by
from docqa.models.page import Shows

PAPER = (1_240, 1_754)


def signs(rows: int, paper: int = 245, ink: int = 20) -> Image.Image:
    """Lines of small figures of strokes, which are no alphabet's."""
    chance = random.Random(7)
    page = Image.new("L", PAPER, paper)
    draw = ImageDraw.Draw(page)
    for row in range(rows):
        for column in range(40):
            x, y = 120 + 25 * column, 160 + 44 * row
            for _ in range(3):
                ends = [(x + chance.randrange(17), y + chance.randrange(22)) for _ in range(2)]
                draw.line(ends, fill=ink, width=3)
    return page


def photograph() -> Image.Image:
    """Soft shapes of all tones."""
    noise = Image.effect_noise((160, 120), 120).resize((1_200, 900), Image.Resampling.BICUBIC)
    return ImageOps.autocontrast(noise.filter(ImageFilter.GaussianBlur(3)))


def blank_scan() -> Image.Image:
    """The back of a sheet: grain, specks, two holes, the black edge of the glass."""
    chance = random.Random(3)
    page = Image.blend(Image.new("L", PAPER, 235), Image.effect_noise(PAPER, 30), 0.2)
    draw = ImageDraw.Draw(page)
    for _ in range(40):
        x, y = chance.randrange(PAPER[0]), chance.randrange(PAPER[1])
        draw.ellipse((x, y, x + 3, y + 3), fill=60)
    for y in (590, 1_120):
        draw.ellipse((60, y, 104, y + 44), fill=20)
    draw.rectangle((0, 0, 18, PAPER[1]), fill=10)
    return page


@pytest.mark.parametrize("rows", [1, 3, 30])
@pytest.mark.parametrize(("paper", "ink"), [(245, 20), (30, 220), (235, 150)])
def test_lines_of_signs_are_writing_whatever_they_mean(rows: int, paper: int, ink: int) -> None:
    """Promise 19: no page with something to read is taken for an empty one, pale or reversed ones neither."""
    assert shown_by(signs(rows, paper, ink)) is Shows.WRITING


def test_writing_is_seen_in_every_kind_of_picture_and_turned() -> None:
    page = signs(12)
    transparent = Image.merge("RGBA", (page, page, page, ImageOps.invert(page)))

    for picture in (
        page.convert("1"),
        page.convert("RGB"),
        page.convert("P"),
        transparent,
        page.rotate(90, expand=True),
    ):
        assert shown_by(picture) is Shows.WRITING, picture.mode


def test_a_photograph_is_a_picture() -> None:
    assert shown_by(photograph()) is Shows.PICTURE
    assert shown_by(photograph().convert("RGB").resize((300, 225))) is Shows.PICTURE


def test_a_blank_sheet_shows_nothing_for_all_its_specks_and_holes() -> None:
    assert shown_by(blank_scan()) is Shows.NOTHING
    assert shown_by(Image.new("L", (1, 1), 255)) is Shows.NOTHING


def test_measures_do_not_depend_on_the_resolution() -> None:
    fine, coarse = (measure_ink(signs(20).resize(size)) for size in ((2_480, 3_508), (700, 990)))

    assert fine.ink == pytest.approx(coarse.ink, rel=0.4)
    assert fine.ground == pytest.approx(coarse.ground, abs=0.1)
