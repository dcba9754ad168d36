"""Pictures for the tests of this folder."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 200), mode: str = "RGB", **options: Any) -> bytes:
    """A picture with a black bar in its upper left corner."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1] // 4), fill="black")
    file = io.BytesIO()
    image.convert(mode).save(file, kind, **options)
    return file.getvalue()


def pages_of_tiff(count: int) -> bytes:
    frames = [Image.new("L", (300, 100 + number), "white") for number in range(count)]
    file = io.BytesIO()
    frames[0].save(file, "TIFF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def turned(orientation: int) -> bytes:
    """A JPEG whose EXIF data says that it has to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return picture("JPEG", exif=exif)
