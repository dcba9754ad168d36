"""Whether a page's text layer can be believed, or its picture has to be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import category

from docqa.models.page import ReadingMethod

# Part of the settings hash: raise it when a rule below changes, so that pages are judged anew.
RULES_VERSION = 1

# A page of prose has 1,000 to 3,000 letters. A scan with a printed stamp, page number or Bates number has a few dozen.
FEW_CHARACTERS = 100
# Above this share of the page a picture is taken to be the page, below it an illustration or a logo.
SCAN_COVER = 0.5
# Without any text even a smaller picture may hold the page's words; below it is a logo, a rule or a dot.
PICTURE_COVER = 0.02
# Text drawn as outlines takes a path a letter; rules and boxes of an empty form take fewer.
OUTLINED_TEXT_PATHS = 50
# Glyphs without a Unicode meaning come out as private-use, replacement or control characters.
UNREADABLE_SHARE = 0.1
# A font without a Unicode table comes out as whatever stands at its codes: mostly signs. Prose has some 5 % of them,
# a table of figures 30 %. Dots and dashes that lead to a page number or draw a line do not count.
SIGNS_SHARE = 0.6

_UNREADABLE_CATEGORIES = frozenset({"Co", "Cn", "Cc", "Cs"})
_LEADERS = frozenset(".\u2026\u00b7_-\u2013\u2014=*")


@dataclass(frozen=True, slots=True)
class PageMeasures:
    """What can be measured on a page without understanding it.

    Attributes:
        characters: Characters of the text layer that are not white space.
        unreadable: How many of them have no meaning: control, private-use, unassigned, replacement.
        signs: How many of them are neither letters nor figures.
        image_cover: Area of all pictures over the area of the page; overlapping ones count twice.
        paths: Drawn outlines.
    """

    characters: int
    unreadable: int
    signs: int
    image_cover: float
    paths: int


def measure(text: str, image_cover: float, paths: int) -> PageMeasures:
    """Measures of a page with this text layer."""
    visible = [character for character in text if not character.isspace()]
    return PageMeasures(len(visible), count_unreadable(visible), _count_signs(visible), image_cover, paths)


def count_unreadable(characters: Iterable[str]) -> int:
    """How many characters stand for nothing that can be read."""
    return sum(one == "\ufffd" or category(one) in _UNREADABLE_CATEGORIES for one in characters)


def _count_signs(characters: Iterable[str]) -> int:
    return sum(not (one.isalnum() or category(one).startswith("M") or one in _LEADERS) for one in characters)


def choose_method(page: PageMeasures) -> tuple[ReadingMethod, str]:
    """How the page is to be read, and why in a few words."""
    if page.characters and page.unreadable / page.characters > UNREADABLE_SHARE:
        share = round(100 * page.unreadable / page.characters)
        return ReadingMethod.NEEDS_OCR, f"{share} % of the text layer has no meaning"
    if page.signs and page.signs >= SIGNS_SHARE * page.characters:
        return ReadingMethod.NEEDS_OCR, "the text layer is mostly signs"
    if page.characters >= FEW_CHARACTERS:
        return ReadingMethod.TEXT_LAYER, f"{page.characters} characters"
    return _method_with_little_text(page)


def _method_with_little_text(page: PageMeasures) -> tuple[ReadingMethod, str]:
    if page.characters and page.image_cover < SCAN_COVER:
        return ReadingMethod.TEXT_LAYER, f"{page.characters} characters, pictures on {_percent(page)} of the page"
    if page.characters:
        return ReadingMethod.NEEDS_OCR, f"{page.characters} characters on a picture of {_percent(page)} of the page"
    if page.image_cover >= PICTURE_COVER:
        return ReadingMethod.NEEDS_OCR, f"no text, pictures on {_percent(page)} of the page"
    if page.paths >= OUTLINED_TEXT_PATHS:
        return ReadingMethod.NEEDS_OCR, f"no text, {page.paths} drawn outlines"
    return ReadingMethod.EMPTY, "no text and no picture"


def _percent(page: PageMeasures) -> str:
    return f"{min(round(100 * page.image_cover), 100)} %"
