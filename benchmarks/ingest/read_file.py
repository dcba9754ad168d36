"""Read one file as the steps of ingestion do, with their limits: `python -m benchmarks.ingest.read_file FILE`.

Prints one line of JSON: seconds, pages, characters, pages that need OCR, and the error's class.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import IO, Any

from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.bootstrap.sandbox import sandboxed, sandboxed_detector
from docqa.errors import DocumentError
from docqa.models.page import ReadingMethod


def main() -> None:
    """What kind of file it is, its outline, and every page."""
    file, began = Path(sys.argv[1]), time.perf_counter()
    try:
        with file.open("rb") as content:
            found = _read(content, file.name)
    except DocumentError as refused:
        found = {"error": type(refused).__name__}
    print(json.dumps(found | {"seconds": round(time.perf_counter() - began, 2)}))


def _read(content: IO[bytes], name: str) -> dict[str, Any]:
    kind = sandboxed_detector(detector).detect(content, name)
    reader = sandboxed(MAKERS[kind])
    pages = list(reader.read(content, 1, reader.outline(content).pages))
    return {
        "media_type": kind,
        "pages": len(pages),
        "characters": sum(len(page.text) for page in pages),
        "need_ocr": sum(page.method is ReadingMethod.NEEDS_OCR for page in pages),
    }


if __name__ == "__main__":
    main()
