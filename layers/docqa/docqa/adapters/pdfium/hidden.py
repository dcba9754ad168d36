"""What of a page's text layer nobody can see, and whether the rest stands for what the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pypdfium2

from docqa.adapters.pdfium.drawing import Drawing
from docqa.adapters.pdfium.geometry import Box
from docqa.adapters.pdfium.layer import TextLayer
from docqa.adapters.pdfium.suspicion import Detective, Kind, Suspect
from docqa.adapters.pdfium.visibility import Eye, Ground
from docqa.adapters.pdfium.words import gaps_by_line, words_of
from docqa.domain.page_quality import AGREEMENT, OUTLINED_TEXT_PATHS, SCAN_COVER

Spans = tuple[tuple[int, int], ...]

_NEVER_SEEN = frozenset({Kind.TINY, Kind.OUTSIDE})
# Letters and figures in a row: less is a speck between seen words.
_LEAST_HIDDEN = 3
# In a layer over a scan recognition itself writes short nonsense on specks and rules.
_LEAST_HIDDEN_IN_LAYER = 12
# Where words of a layer stand on the words of the scan, the gaps between them are blank: measured on 268 lines, 33 to
# 100 % of the gaps (in nine lines of ten more than 80 %). Where they lie over other words, 0 to 30 % in eight lines of
# ten, though most of the words stand on ink.
_BLANK_GAPS = 0.3
_ENOUGH_GAPS = 4


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden on a page.

    Attributes:
        spans: Places of characters that nobody can see.
        kinds: Why, the most frequent reason first.
        agreement: Of the characters that are not drawn themselves but lie over a scan, the share that stands on its
            ink; None when they are not most of the text.
    """

    spans: Spans = ()
    kinds: tuple[str, ...] = ()
    agreement: float | None = None


def find_hidden(page: pypdfium2.PdfPage, layer: TextLayer, drawing: Drawing, box: Box, pixels: int) -> Hidden:
    """Look at what is suspicious, in pictures of at most so many `pixels` in all."""
    suspects = Detective(layer, drawing, box).suspects()
    if not suspects:
        return Hidden()
    unseen = {place: suspect for place, suspect in suspects.items() if suspect.kind in _NEVER_SEEN}
    doubtful = {place: suspect for place, suspect in suspects.items() if place not in unseen}
    undrawn: set[int] = set()
    agreeing: set[int] = set()
    if doubtful:
        undrawn, agreeing = _look(page, layer, drawing, doubtful, pixels)
    most = sum(not one.isspace() for one in layer.text) / 2
    scan = len(undrawn) > most and drawing.cover(box) >= SCAN_COVER
    agreement = len(agreeing) / len(undrawn) if scan else None
    trusted = agreement is not None and agreement >= AGREEMENT
    places = {*unseen, *(undrawn - agreeing)}
    spans = _runs(layer.text, places, _LEAST_HIDDEN_IN_LAYER if trusted else _LEAST_HIDDEN)
    return Hidden(spans, _kinds(spans, suspects), agreement)


def _look(
    page: pypdfium2.PdfPage, layer: TextLayer, drawing: Drawing, doubtful: Mapping[int, Suspect], pixels: int
) -> tuple[set[int], set[int]]:
    """Places of characters that are not drawn, and those of them that stand on ink."""
    if drawing.pixels > pixels:
        return set(doubtful), set()
    eye = Eye(page, {place: layer.ink_box(place) for place in doubtful})
    visible = {place: suspect for place, suspect in doubtful.items() if suspect.kind is not Kind.INVISIBLE}
    undrawn = set(doubtful) - (eye.drawn(visible) if visible else frozenset())
    if not undrawn or not (drawing.pictures or drawing.paths >= OUTLINED_TEXT_PATHS):
        return undrawn, set()
    return undrawn, _on_ink(eye.ground(drawing.texts()), layer, undrawn)


def _on_ink(ground: Ground, layer: TextLayer, undrawn: set[int]) -> set[int]:
    """Those that are in words on ink, in lines whose gaps are blank."""
    words = list(words_of(layer, undrawn))
    filled = {
        line
        for line, gaps in gaps_by_line(words, layer.text).items()
        if len(gaps) >= _ENOUGH_GAPS and sum(map(ground.has_ink, gaps)) > (1 - _BLANK_GAPS) * len(gaps)
    }
    agreeing: set[int] = set()
    for word in words:
        places = range(word.first, word.last)
        if word.line not in filled and 2 * sum(ground.has_ink(layer.ink_box(place)) for place in places) >= len(places):
            agreeing.update(places)
    return agreeing & undrawn


def _runs(text: str, places: set[int], least: int) -> Spans:
    """Spans of the places, over the white space between them, that hold at least so many letters and figures."""
    runs: list[list[int]] = []
    for place in sorted(places):
        if runs and not text[runs[-1][1] : place].strip():
            runs[-1][1] = place + 1
        else:
            runs.append([place, place + 1])
    return tuple((first, last) for first, last in runs if sum(map(str.isalnum, text[first:last])) >= least)


def _kinds(spans: Spans, suspects: Mapping[int, Suspect]) -> tuple[str, ...]:
    found = [suspects[place].kind for first, last in spans for place in range(first, last) if place in suspects]
    return tuple(sorted(set(found), key=found.count, reverse=True))
