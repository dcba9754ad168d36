"""A folder of recorded responses for the burst: real ones where there are some, else one page made of print."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ingest.material import sentences
from devstack.modelserver.models.ports import Line, Word
from devstack.modelserver.textract_blocks import page_blocks

LINES, HEIGHT, LEFT, RIGHT = 20, 0.02, 0.1, 0.9


@contextmanager
def recorded_responses(real: Path | None) -> Iterator[Path]:
    """The folder that stands in for the OCR engine."""
    if real is not None:
        yield real.resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.json").write_text(json.dumps({"Blocks": page_blocks(1, _lines())}))
        yield Path(folder)


def _lines() -> Iterator[Line]:
    for number, sentence in enumerate(sentences()[:LINES]):
        top = number * HEIGHT + LEFT
        corners = ((LEFT, top), (RIGHT, top), (RIGHT, top + HEIGHT), (LEFT, top + HEIGHT))
        yield Line(sentence, 0.99, corners, tuple(Word(word, 0.99, corners) for word in sentence.split()))
