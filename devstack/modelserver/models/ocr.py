"""rapidocr on the CPU, its lines sorted as Textract sorts them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devstack.modelserver.models.ports import Line, Word

# Two lines whose heights overlap by more than this share of the smaller one stand in one row.
SAME_ROW_OVERLAP = 0.5
# Lines are looked for on a picture at most this long, and read at full resolution: twice as fast
# as looking at full resolution, with the same words found (99 to 100 % on typed reports).
DETECTION_PIXELS = 1280
# Lines of one run are padded to the longest, and two threads wait for each other at its larger arrays: one line a run
# takes a quarter less of the processor and of the time.
LINES_A_RUN = 1


class RapidOcr:
    """Lines and words with their places on the page.

    Args:
        threads: cores it may use.
    """

    def __init__(self, threads: int) -> None:
        from rapidocr import RapidOCR  # a second and a half: only when the first page is read

        parameters = {
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_PIXELS,
            "Rec.rec_batch_num": LINES_A_RUN,
        }
        self._engine = RapidOCR(params=parameters)

    def read(self, picture: NDArray[np.uint8]) -> list[Line]:
        """Lines of an RGB picture, shape (height, width, 3), in reading order."""
        blue_green_red = np.ascontiguousarray(picture[:, :, ::-1])  # the engine's own order
        found: Any = self._engine(blue_green_red, return_word_box=True)
        if found.boxes is None:
            return []
        height, width = picture.shape[:2]
        lines = [
            _line(text, score, corners, words, (width, height))
            for text, score, corners, words in zip(
                found.txts, found.scores, found.boxes, found.word_results, strict=True
            )
            if text.strip()
        ]
        return reading_order(lines)


def reading_order(lines: Iterable[Line]) -> list[Line]:
    """Rows from top to bottom, each from left to right; like Textract's text detection it knows no columns."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        if rows and _overlap(rows[-1][0], line) > SAME_ROW_OVERLAP:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda one: min(x for x, _ in one.corners))]


def _line(text: str, score: float, corners: Any, words: Any, size: tuple[int, int]) -> Line:
    parts = tuple(Word(word, float(sure), _fractions(place, size)) for word, sure, place in words if word.strip())
    place = _fractions(corners, size)
    return Line(text, float(score), place, parts or (Word(text, float(score), place),))


def _fractions(corners: Any, size: tuple[int, int]) -> tuple[tuple[float, float], ...]:
    width, height = size
    return tuple((_within(float(x) / width), _within(float(y) / height)) for x, y in corners)


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))


def _middle(line: Line) -> float:
    return sum(y for _, y in line.corners) / len(line.corners)


def _overlap(one: Line, other: Line) -> float:
    top_one, bottom_one = min(y for _, y in one.corners), max(y for _, y in one.corners)
    top_other, bottom_other = min(y for _, y in other.corners), max(y for _, y in other.corners)
    shared = min(bottom_one, bottom_other) - max(top_one, top_other)
    return shared / max(1e-9, min(bottom_one - top_one, bottom_other - top_other))
