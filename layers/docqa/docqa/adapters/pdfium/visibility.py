"""Which of the suspicious characters a reader of the page sees, decided by the page's picture.

Characters that are drawn are taken away from the page: where its picture stays the same, nobody saw them. Characters
that are not drawn stand for what a picture shows (a scan that was recognised before), if there is ink where they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import sub

import pypdfium2

from docqa.adapters.ink import shown_by
from docqa.adapters.pdfium.drawing import Color
from docqa.adapters.pdfium.geometry import Box
from docqa.adapters.pdfium.picture import Camera, Picture, without
from docqa.adapters.pdfium.suspicion import Suspect
from docqa.models.page import Shows

# Of 255: a grey of 231 on white paper is hardly seen, and nobody writes with it.
_LEAST_CHANGE = 24
# Of 255, darkest against lightest: faded carbon copies have 60.
_LEAST_INK = 48
# Pixels of height for the smallest letters, so that thin strokes keep their colour.
_LETTER_PIXELS = 12
_SCALES = (1.0, 4.0)
# One picture for each colour: a faint phrase must not hide behind a pale heading. More colours share the last one.
_MOST_GROUPS = 4


class Eye:
    """Looks at the boxes of some characters of a page."""

    def __init__(self, page: pypdfium2.PdfPage, boxes: Mapping[int, Box]) -> None:
        heights = sorted(max(box.height, 0.5) for box in boxes.values())
        scale = _LETTER_PIXELS / heights[len(heights) // 4]
        self._camera = Camera(page, reduce(Box.joined, boxes.values()), min(max(scale, _SCALES[0]), _SCALES[1]))
        self._boxes = boxes

    def drawn(self, suspects: Mapping[int, Suspect]) -> frozenset[int]:
        """Those whose disappearance changes the page's picture."""
        groups: dict[Color, list[int]] = defaultdict(list)
        for place, suspect in suspects.items():
            groups[suspect.color].append(place)
        full = self._camera.picture()
        seen: set[int] = set()
        for places in _merged(groups.values()):
            with without({suspects[place].owner for place in places}):
                less = self._camera.picture()
            seen.update(place for place in places if self._differ(full, less, place))
        return frozenset(seen)

    def ground(self, texts: Iterable[int]) -> Ground:
        """What is left when all text is off the page."""
        with without(texts):
            return Ground(self._camera, self._camera.picture(gray=True))

    def _differ(self, full: Picture, less: Picture, place: int) -> bool:
        frame = self._camera.frame(self._boxes[place])
        return any(
            one != other and max(map(abs, map(sub, one, other))) >= _LEAST_CHANGE
            for one, other in zip(full.rows(frame), less.rows(frame), strict=True)
        )


def is_blank(page: pypdfium2.PdfPage, texts: Iterable[int], box: Box) -> bool:
    """Whether the page shows one colour only when all text is off it."""
    camera = Camera(page, box, _SCALES[0])
    with without(texts):
        picture = camera.picture(gray=True)
    return not _contrasts(picture, (0, 0, camera.width, camera.height), _LEAST_CHANGE)


def what_shows(page: pypdfium2.PdfPage, texts: Iterable[int], part: Box) -> Shows:
    """What a part of the page shows when these texts are off it."""
    camera = Camera(page, part, _SCALES[0])
    with without(texts):
        picture = camera.picture(gray=True)
    return shown_by(picture.gray(camera.width, camera.height))


def _contrasts(picture: Picture, frame: tuple[int, int, int, int], least: int) -> bool:
    """Whether the lightest and the darkest pixel differ by so much."""
    darkest, lightest = 255, 0
    for row in picture.rows(frame):
        low, high = min(row), max(row)
        darkest, lightest = min(darkest, low), max(lightest, high)
        if lightest - darkest >= least:
            return True
    return False


def _merged(groups: Iterable[list[int]]) -> list[list[int]]:
    ordered = sorted(groups, key=len, reverse=True)
    rest = [place for group in ordered[_MOST_GROUPS - 1 :] for place in group]
    return [*ordered[: _MOST_GROUPS - 1], rest] if rest else ordered


class Ground:
    """What pictures and drawings show below the text."""

    def __init__(self, camera: Camera, picture: Picture) -> None:
        self._camera = camera
        self._picture = picture

    def has_ink(self, box: Box) -> bool:
        """Whether dark and light meet in the box."""
        return _contrasts(self._picture, self._camera.frame(box), _LEAST_INK)
