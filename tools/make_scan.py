"""Turn a PDF into what a scanner would have made of it: every page a picture, no text layer.

    python -m tools.make_scan report.pdf demo/documents/seward-takeoff-scan.pdf

The demo's scan was made once with this and is committed, so that OCR is on the demo's main path.
"""

import argparse
import io
from pathlib import Path

import pypdfium2 as pdfium

POINTS_AN_INCH = 72
DOTS_AN_INCH = 150
JPEG_QUALITY = 45


def scan(source: Path, target: Path) -> int:
    """Write `target` with a grey picture of each page of `source`; the number of pages."""
    original = pdfium.PdfDocument(source)
    pictures = pdfium.PdfDocument.new()
    for page in original:
        width, height = page.get_size()
        _add_picture(pictures, _photograph(page), width, height)
    pictures.save(target)
    return len(original)


def _photograph(page: pdfium.PdfPage) -> io.BytesIO:
    picture = page.render(scale=DOTS_AN_INCH / POINTS_AN_INCH, grayscale=True).to_pil().convert("L")
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=JPEG_QUALITY, optimize=True)
    jpeg.seek(0)
    return jpeg


def _add_picture(pictures: pdfium.PdfDocument, jpeg: io.BytesIO, width: float, height: float) -> None:
    page = pictures.new_page(width, height)
    image = pdfium.PdfImage.new(pictures)
    image.load_jpeg(jpeg, inline=True)
    image.set_matrix(pdfium.PdfMatrix().scale(width, height))
    page.insert_obj(image)
    page.gen_content()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    print(f"{arguments.target}: {scan(arguments.source, arguments.target)} pages")


if __name__ == "__main__":
    main()
