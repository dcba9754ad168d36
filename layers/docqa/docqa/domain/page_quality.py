"""Whether a page's text layer can be believed, or its picture has to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import category

from docqa.domain.plausibility import is_implausible
from docqa.models.page import ReadingMethod

# Part of the settings hash: raise it when a rule of this file, of `plausibility`, of `page_text`, of `repeated_lines`
# or of the PDF adapter changes, so that pages are judged anew.
RULES_VERSION = 2

# A page of prose has 1,000 to 3,000 letters. A scan with a printed stamp, page number or Bates number has a few dozen.
FEW_CHARACTERS = 100
# Above this share of the page a picture is taken to be the page, below it an illustration or a logo.
SCAN_COVER = 0.5
# A page of few words and a picture of this share is a screenshot or a scanned table with its caption.
FIGURE_COVER = 0.25
# Without any text even a smaller picture may hold the page's words; below it is a logo, a rule or a dot.
PICTURE_COVER = 0.02
# Text drawn as outlines takes a path a letter; rules and boxes of an empty form take fewer.
OUTLINED_TEXT_PATHS = 50
# Below a heading that is text, the curves of a chart take some hundreds.
OUTLINED_BODY_PATHS = 1_000
# Glyphs without a Unicode meaning come out as private-use, replacement or control characters, or the font says so.
UNREADABLE_SHARE = 0.1
# A font without a Unicode table comes out as whatever stands at its codes: mostly signs. Prose has some 5 % of them,
# a table of figures 30 %. Dots and dashes that lead to a page number or draw a line do not count.
SIGNS_SHARE = 0.6
# Of the words of an invisible layer, how many must stand on ink: real ones have 95 % and more, with specks and skew.
AGREEMENT = 0.8

_UNREADABLE_CATEGORIES = frozenset({"Co", "Cn", "Cc", "Cs"})
_LEADERS = frozenset(".\u2026\u00b7_-\u2013\u2014=*")


@dataclass(frozen=True, slots=True)
class TextMeasures:
    """What can be measured on a text without understanding it.

    Attributes:
        characters: How many are not white space.
        unreadable: How many of them have no meaning: control, private-use, unassigned, replacement, or no Unicode.
        signs: How many of them are neither letters nor figures.
        implausible: Its letters are no language's.
    """

    characters: int
    unreadable: int = 0
    signs: int = 0
    implausible: bool = False


@dataclass(frozen=True, slots=True)
class PageMeasures:
    """What can be measured on a page.

    Attributes:
        text: Of the text layer, what can be seen or stands for what can be seen.
        image_cover: Area of all pictures over the area of the page; overlapping ones count twice.
        paths: Drawn outlines.
        layer_agreement: Share of the words that are not drawn but lie over a picture which has ink there; None when
            no such words make up the text.
        in_margins: The text stands at the page's upper or lower edge only.
        blank: The page's picture is of one colour.
        hidden: Characters that nobody can see.
    """

    text: TextMeasures
    image_cover: float = 0.0
    paths: int = 0
    layer_agreement: float | None = None
    in_margins: bool = False
    blank: bool = False
    hidden: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether the text layer is worth keeping should nothing come of the extraction: a caption below a scan."""
        return self.text.characters > 0 and self.layer_agreement is None and not _fault(self)


def measure(text: str, unmapped: int = 0) -> TextMeasures:
    """Measures of a text, of which the fonts themselves call `unmapped` characters unknown."""
    visible = Counter(text)
    for character in [one for one in visible if one.isspace()]:
        del visible[character]
    characters = visible.total()
    unreadable = min(max(_unreadable(visible), unmapped), characters)
    return TextMeasures(characters, unreadable, _signs(visible), is_implausible(visible))


def _unreadable(characters: Mapping[str, int]) -> int:
    return sum(count for one, count in characters.items() if one == "\ufffd" or category(one) in _UNREADABLE_CATEGORIES)


def _signs(characters: Mapping[str, int]) -> int:
    return sum(
        count
        for one, count in characters.items()
        if not (one.isalnum() or category(one).startswith("M") or one in _LEADERS)
    )


def depends_on_picture(page: PageMeasures) -> bool:
    """Whether it has to be known if the page's picture is blank."""
    drawn = page.image_cover >= PICTURE_COVER or page.paths >= OUTLINED_TEXT_PATHS
    return drawn and (page.in_margins or page.text.characters < FEW_CHARACTERS)


def choose_method(page: PageMeasures) -> tuple[ReadingMethod, str]:
    """How the page is to be read, and why in a few words."""
    if fault := _fault(page):
        return ReadingMethod.NEEDS_OCR, fault
    if page.text.characters >= FEW_CHARACTERS:
        return ReadingMethod.TEXT_LAYER, f"{page.text.characters} characters{_layer(page)}"
    return _method_with_little_text(page)


def _fault(page: PageMeasures) -> str:
    """Why the text layer cannot be believed; empty when it can."""
    text = page.text
    if page.layer_agreement is not None and page.layer_agreement < AGREEMENT:
        return f"only {_percent(page.layer_agreement)} of the invisible text layer stands on ink of the picture"
    if text.characters and text.unreadable / text.characters > UNREADABLE_SHARE:
        return f"{_percent(text.unreadable / text.characters)} of the text layer has no meaning"
    if text.signs and text.signs >= SIGNS_SHARE * text.characters:
        return "the text layer is mostly signs"
    if text.implausible:
        return "the letters of the text layer make no language"
    if text.characters and page.in_margins and page.image_cover >= SCAN_COVER and not page.blank:
        return f"only the margins of a picture of {_percent(page.image_cover)} of the page have text"
    return ""


def _layer(page: PageMeasures) -> str:
    if page.layer_agreement is None:
        return ""
    return f", invisible over a picture of which {_percent(page.layer_agreement)} agree"


def _method_with_little_text(page: PageMeasures) -> tuple[ReadingMethod, str]:
    characters, cover = page.text.characters, _percent(page.image_cover)
    if not page.blank and _shows_more(page):
        outlines = f", {page.paths} drawn outlines" if page.paths >= OUTLINED_TEXT_PATHS else ""
        return ReadingMethod.NEEDS_OCR, f"{characters or 'no'} characters, pictures on {cover} of the page{outlines}"
    if characters:
        return ReadingMethod.TEXT_LAYER, f"{characters} characters, pictures on {cover} of the page"
    if page.hidden:
        # Not empty: it goes with the document, marked as what it is.
        return ReadingMethod.TEXT_LAYER, "nothing that can be seen"
    return ReadingMethod.EMPTY, "no text and a picture of one colour" if page.blank else "no text and no picture"


def _shows_more(page: PageMeasures) -> bool:
    """Whether there may be words in the pictures or outlines of a page with little or no text."""
    if page.text.characters:
        return page.image_cover >= FIGURE_COVER or page.paths >= OUTLINED_BODY_PATHS
    return page.image_cover >= PICTURE_COVER or page.paths >= OUTLINED_TEXT_PATHS


def _percent(share: float) -> str:
    return f"{min(round(100 * share), 100)} %"
