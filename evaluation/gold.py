"""Where the gold evidence of a question stands in the pages as they were read.

A set gives an excerpt verbatim, perhaps with offsets into the file; passages and quotes have offsets into pages.
Reading changes white space, dashes and quotation marks, OCR changes letters: an excerpt is looked for without white
space, then by its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Protocol

from evaluation.question_sets import AskedQuestion, Evidence

# Of an excerpt's words, how many must be found in their order where its letters were not.
LEAST_WORDS_FOUND = 0.6
_WORD = re.compile(r"\w+")
_ALIKE = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of a page's text."""

    document: str
    page: int
    start: int
    end: int

    def overlap(self, other: Span) -> int:
        """How many characters both have."""
        if (self.document, self.page) != (other.document, other.page):
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def holds(self, other: Span) -> bool:
        """Whether all of the other lies in it."""
        return 0 < other.end - other.start == self.overlap(other)


@dataclass(frozen=True)
class Gold:
    """One piece of evidence.

    Attributes:
        document: Path.
        page: 1-based, as the set says or as the excerpt was found; None: unknown.
        span: Where the excerpt stands; None: the set has none, or it was not found.
        answers: Where acceptable answers stand inside the excerpt.
        characters: Length of the excerpt, 0 when the set has none.
    """

    document: str
    page: int | None = None
    span: Span | None = None
    answers: tuple[Span, ...] = ()
    characters: int = 0

    @property
    def lost(self) -> bool:
        """The set has an excerpt, but the pages as read do not hold it."""
        return self.characters > 0 and self.span is None

    def is_held_by(self, passage: Span) -> bool:
        """Whether a passage counts as this evidence: it holds an answer's span, or half of the excerpt."""
        if self.answers:
            return any(passage.holds(answer) for answer in self.answers)
        return self.span is not None and passage.overlap(self.span) * 2 >= self.span.end - self.span.start


class Pages(Protocol):
    """The texts of a set's documents."""

    def pages(self, path: str) -> Mapping[int, str]:
        """Text by page number."""
        ...


def find_gold(question: AskedQuestion, corpus: Pages) -> tuple[Gold, ...]:
    """Every piece of evidence of the question, with its place as far as that is known."""
    return tuple(_find(one, question.answers, corpus.pages(one.document)) for one in question.evidence)


def _find(evidence: Evidence, answers: Sequence[str], pages: Mapping[int, str]) -> Gold:
    if not evidence.text:
        return _of_page(evidence, answers, pages)
    span = locate(evidence, pages)
    if span is None:
        return Gold(evidence.document, evidence.page, characters=len(evidence.text))
    found = tuple(answer_spans(span, pages[span.page], answers))
    return Gold(evidence.document, evidence.page or span.page, span, found, len(evidence.text))


def _of_page(evidence: Evidence, answers: Sequence[str], pages: Mapping[int, str]) -> Gold:
    """Where only the page is known, a passage of it counts when it holds an answer."""
    text = pages.get(evidence.page or 0, "")
    if not text or evidence.page is None:
        return Gold(evidence.document, evidence.page)
    whole = Span(evidence.document, evidence.page, 0, len(text))
    return Gold(evidence.document, evidence.page, None, tuple(answer_spans(whole, text, answers)))


def locate(evidence: Evidence, pages: Mapping[int, str]) -> Span | None:
    """The excerpt's place: by its letters, else by its words; on the page that the set names, if it names one."""
    page = evidence.page
    wanted = dict(pages) if page is None or page not in pages else {page: pages[page]}
    found = [
        Span(evidence.document, number, start, end)
        for number, text in wanted.items()
        for start, end in _occurrences(evidence.text, text)
    ]
    if found:
        return min(found, key=lambda span: abs(_place(span, pages) - (evidence.start or 0)))
    return _by_words(evidence, wanted)


def _place(span: Span, pages: Mapping[int, str]) -> int:
    """About where the span begins in the whole file."""
    return span.start + sum(len(text) for number, text in pages.items() if number < span.page)


def answer_spans(span: Span, text: str, answers: Sequence[str]) -> list[Span]:
    """Every place inside the span where an acceptable answer stands, as whole words."""
    inside = text[span.start : span.end]
    return [
        Span(span.document, span.page, span.start + start, span.start + end)
        for answer in answers
        for start, end in _occurrences(answer, inside, ignore_case=True)
        if _are_whole_words(inside, start, end)
    ]


def _are_whole_words(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (after.isalnum() and text[end - 1].isalnum())


def _occurrences(wanted: str, text: str, *, ignore_case: bool = False) -> list[tuple[int, int]]:
    needle, _ = _letters(wanted)
    hay, places = _letters(text)
    if ignore_case:
        needle, hay = needle.lower(), hay.lower()
    found, at = [], hay.find(needle) if needle else -1
    while at >= 0:
        found.append((places[at], places[at + len(needle) - 1] + 1))
        at = hay.find(needle, at + 1)
    return found


@lru_cache(maxsize=512)
def _letters(text: str) -> tuple[str, list[int]]:
    """The text without white space, one form a character; and where each character stood."""
    kept: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        for one in unicodedata.normalize("NFKC", character).translate(_ALIKE):
            # Lower case may be longer than the letter itself: such letters stay as they are.
            if not one.isspace() and len(one.lower()) == 1:
                kept.append(one)
                places.append(at)
    return "".join(kept), places


def _by_words(evidence: Evidence, pages: Mapping[int, str]) -> Span | None:
    wanted = _WORD.findall(evidence.text.lower())
    if not wanted or not pages:
        return None
    count = Counter(wanted)
    number = max(pages, key=lambda one: (Counter(_WORD.findall(pages[one].lower())) & count).total())
    words = [(match.group().lower(), match.start(), match.end()) for match in _WORD.finditer(pages[number])]
    matcher = SequenceMatcher(None, [word for word, _, _ in words], wanted, autojunk=False)
    window = _window(matcher, len(wanted))
    if window is None:
        return None
    return Span(evidence.document, number, words[window[0]][1], words[window[1]][2])


def _window(matcher: SequenceMatcher[str], words: int) -> tuple[int, int] | None:
    """First and last word of the page that belong to the excerpt: around the longest run that both have."""
    longest = matcher.find_longest_match()
    low, high = longest.a - longest.b, longest.a - longest.b + words
    slack = words // 4 + 3
    inside = [
        block
        for block in matcher.get_matching_blocks()
        if block.size and low - slack <= block.a and block.a + block.size <= high + slack
    ]
    if sum(block.size for block in inside) < LEAST_WORDS_FOUND * words:
        return None
    return inside[0].a, inside[-1].a + inside[-1].size - 1
