"""Sentences of a text as character spans, so that a quote is always a verbatim part of its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Longer than any sentence that reads well as a quote; what exceeds it is cut at lines, then at clauses.
LONGEST_SENTENCE = 600

_ABBREVIATIONS = frozenset(
    "a.k.a al approx art assoc ave ca capt cf ch co col corp dept dr e.g ed eds eq est et etc"  # noqa: SIM905
    " fig figs ft gen gov hon i.e inc jan feb mar apr jun jul aug sep sept oct nov dec jr lt"
    " ltd max min mr mrs ms mt no nos op p para pp prof rep rev sec sen sgt sr st univ v viz"
    " vol vs".split()
)
# A full stop, question or exclamation mark with what closes it, before white space.
_END = re.compile(r"[.!?\u2026]+[\"'\u2019\u201d)\]]*(?=\s)|[\u3002\uff01\uff1f]")
# What a sentence begins with: a capital, a digit, an opening mark; a small letter means that it goes on.
_BEGIN = re.compile(r"\s+[\"'\u2018\u201c(\[]*[^\W_a-z]")
_CLOSING_QUOTES = "\"'\u2019\u201d"
_LAST_WORD = re.compile(r"[^\s(\[\"']+$")
# Longer than any abbreviation or acronym: no need to look further back for one.
_WORD_CHARACTERS = 40
_LINE = re.compile(r"[^\n]+")
# A name and a colon begin an entry of a form, which its value follows, often on the next line.
_ENTRY = re.compile(r"\s*[^\W_a-z][^.:!?\n]{0,40}:(?:\s|$)")
_GOES_ON = (":", ",", ";", "-", "&", "/", "(")
# A line so much shorter than the longest one was not wrapped: what follows with a capital begins anew.
_SHORT_LINE = 0.6
_SHORT_ENTRY = 0.8
# Lines that stand alone: Markdown headings, bullets, numbered items, rows of a table.
_OWN_LINE = re.compile(r"\s*(#{1,6}\s|[-*+\u2022\u25aa\u25cf\u2013]\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s|\|)")
_BEFORE_NUMBER = "$\u20ac\u00a3("
_NUMBER = re.compile(rf"[{_BEFORE_NUMBER}]*\d[\d,.]*[%)]*")
_CLAUSE_END = re.compile(r"[;:,]\s")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text."""

    start: int
    end: int


def sentence_spans(text: str) -> list[Span]:
    """The sentences of a text in order, without the white space around them.

    Headings, list items, entries of forms and rows of tables are sentences of their own; a line that was only wrapped
    does not end one.
    """
    spans: list[Span] = []
    for block in _blocks(text):
        for sentence in _within(text, block):
            spans.extend(_cut(text, sentence))
    return [span for span in (_stripped(text, span) for span in spans) if span.start < span.end]


def _blocks(text: str) -> Iterator[Span]:
    """Runs of lines that may share a sentence."""
    start = end = -1
    before = ""
    width = max((len(line) for line in text.splitlines()), default=0)
    for match in _LINE.finditer(text):
        line = match.group()
        alone = bool(_OWN_LINE.match(line)) or _is_row(line) or _begins_anew(line, before, width)
        gap = end >= 0 and match.start() > end + 1
        if start >= 0 and (alone or gap or not line.strip()):
            yield Span(start, end)
            start = -1
        if start < 0 and line.strip():
            start = match.start()
        end = match.end()
        before = line
        if start >= 0 and (_is_row(line) or line.lstrip().startswith(("#", "|"))):
            yield Span(start, end)
            start = -1
    if start >= 0:
        yield Span(start, end)


def _begins_anew(line: str, before: str, width: int) -> bool:
    """Whether a line is no continuation of the one before: an entry of a form, or what follows a line cut short."""
    if _ENTRY.match(line):
        return True
    whole = before.rstrip()
    full = width * (_SHORT_ENTRY if _ENTRY.match(before) else _SHORT_LINE)
    return len(whole) < full and not whole.endswith(_GOES_ON) and bool(_BEGIN.match(" " + line))


def _is_row(line: str) -> bool:
    """Whether a line looks like a row of a table: at least two numbers, and little else."""
    words = line.split()
    numbers = sum(1 for word in words if (word[0].isdigit() or word[0] in _BEFORE_NUMBER) and _NUMBER.fullmatch(word))
    return numbers >= 2 and numbers * 3 >= len(words)  # noqa: PLR2004 - two columns make a row


def _within(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for match in _END.finditer(text, block.start, block.end):
        if _ends_sentence(text, start, match):
            yield Span(start, match.end())
            start = match.end()
    yield Span(start, block.end)


def _ends_sentence(text: str, start: int, mark: re.Match[str]) -> bool:
    if mark.group()[0] in "\u3002\uff01\uff1f":
        return True
    if not _BEGIN.match(text, mark.end()):
        return False
    if not mark.group().startswith(".") or mark.group().startswith(".."):
        return True
    if mark.group()[-1] in _CLOSING_QUOTES:
        return True
    before = _LAST_WORD.search(text, max(start, mark.start() - _WORD_CHARACTERS), mark.start())
    word = before.group() if before else ""
    is_initial = len(word) == 1 and word.isalpha() and word.isupper()
    is_acronym = bool(re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", word))
    return not (is_initial or is_acronym or word.lower() in _ABBREVIATIONS)


def _cut(text: str, sentence: Span) -> Iterator[Span]:
    """A sentence that is too long, cut where a reader would pause."""
    start = sentence.start
    while sentence.end - start > LONGEST_SENTENCE:
        limit = start + LONGEST_SENTENCE
        at = text.rfind("\n", start + LONGEST_SENTENCE // 4, limit) + 1
        if not at:
            at = max((m.end() for m in _CLAUSE_END.finditer(text, start + LONGEST_SENTENCE // 2, limit)), default=0)
        if not at:
            at = text.rfind(" ", start + 1, limit) + 1 or limit
        yield Span(start, at)
        start = at
    yield Span(start, sentence.end)


def _stripped(text: str, span: Span) -> Span:
    inner = text[span.start : span.end]
    return Span(span.start + len(inner) - len(inner.lstrip()), span.end - len(inner) + len(inner.rstrip()))
