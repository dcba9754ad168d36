"""Measures the ink of a picture, to tell a page of writing from a photograph and from blank paper."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter

from docqa.domain.page_ink import STROKES_IN_ROW, InkMeasures, what_is_shown
from docqa.models.page import Shows

# Letters of ten points are six pixels high then, and the grain of paper has gone.
_LONGEST_SIDE = 1_000
# What is around a pixel: twice the height of a letter.
_AROUND = 8
# Of 255. Faint pencil differs by 40; the grain and the noise of scans by up to 30.
_LEAST_CONTRAST = 32
# Of 255, to both sides: a sheet is not of one tone.
_GROUND_SPREAD = 16
# Share of each side that is left out: black edges of scans.
_EDGE = 0.03
_INK, _PAPER = 255, 0
_STROKE_BEGINS = bytes((_PAPER, _INK))


def shown_by(picture: Image.Image) -> Shows:
    """What a picture shows, of whatever mode and size."""
    return what_is_shown(measure_ink(picture))


def measure_ink(picture: Image.Image) -> InkMeasures:
    """The measures of a picture."""
    gray = _small_gray(picture)
    pixels = gray.width * gray.height
    differences = ImageChops.difference(gray, gray.filter(ImageFilter.BoxBlur(_AROUND)))
    ink = differences.point([_INK if one >= _LEAST_CONTRAST else _PAPER for one in range(256)]).tobytes()
    rows = (ink[start : start + gray.width] for start in range(0, pixels, gray.width))
    return InkMeasures(
        ground=_largest_tone(gray.histogram()) / pixels,
        ink=ink.count(_INK) / pixels,
        rows=sum(row.count(_STROKE_BEGINS) >= STROKES_IN_ROW for row in rows),
    )


def _small_gray(picture: Image.Image) -> Image.Image:
    """In grey, on white where it is transparent, without its edges, no longer side than is looked at."""
    if picture.mode not in ("L", "RGB", "RGBA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "L")
    scale = min(1.0, _LONGEST_SIDE / max(picture.size))
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    small = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0) if size != picture.size else picture
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    across, down = int(small.width * _EDGE), int(small.height * _EDGE)
    return small.crop((across, down, small.width - across, small.height - down)).convert("L")


def _largest_tone(histogram: list[int]) -> int:
    return max(sum(histogram[max(tone - _GROUND_SPREAD, 0) : tone + _GROUND_SPREAD + 1]) for tone in range(256))
