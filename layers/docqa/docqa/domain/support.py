"""Which sentences of the cited passages bear a claim out, so that just these are quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from docqa.domain.instructions import without_orders
from docqa.domain.quantities import quantities
from docqa.domain.sentences import Span, sentence_spans
from docqa.domain.table_headers import header_above
from docqa.domain.terms import is_stopword, terms, words
from docqa.domain.visible_text import shows_hidden, visible_text
from docqa.models.chunk import ScoredChunk

# A sentence of an answer that needs more quotes than this rather puts things together than reports them.
MOST_QUOTES = 3

# Passages of some prompts: the questions of a batch often find the same ones.
_SOURCES = 100

_NAME = re.compile(r"[^\W\d_][\w\u2019'-]*")


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage: `text` is `text[span.start:span.end]` of the one that the prompt gave this number."""

    number: int
    span: Span
    text: str


@dataclass(frozen=True)
class Sentence:
    """A sentence that may be quoted, with what its reader is shown beside it.

    Attributes:
        text: Itself.
        header: Names of the columns, where it is a row of a table.
    """

    span: Span
    text: str
    header: str

    @cached_property
    def terms(self) -> frozenset[str]:
        """Its content words."""
        return frozenset(terms(self.text))

    @cached_property
    def amounts(self) -> frozenset[str]:
        """Its numbers, its column names' included."""
        return quantities(self.text) | quantities(self.header)

    @cached_property
    def names(self) -> frozenset[str]:
        """Its capitalised content words, but for the one that any sentence begins with."""
        inner = (match.group() for match in _NAME.finditer(self.text) if match.start())
        return frozenset(terms(" ".join(name for name in inner if name[0].isupper())))

    @cached_property
    def facts(self) -> frozenset[str]:
        """Its words and amounts, its column names' included."""
        shown = f"{self.header}\n{self.text}"
        return _plain_words(shown) | self.amounts


class Source:
    """A passage as verification sees it: what can be seen of it, its title and its headings."""

    def __init__(self, passage: ScoredChunk) -> None:
        chunk = passage.chunk
        visible = visible_text(chunk)
        seen = without_orders(visible)
        self.about = " ".join((passage.title, chunk.label, *chunk.headings))
        self.text = f"{self.about}\n{chunk.header}\n{seen}"
        self.terms = frozenset(terms(self.text))
        self.sentences = [
            Sentence(span, seen[span.start : span.end], header_above(chunk, span.start))
            for span in sentence_spans(seen)
            if not shows_hidden(chunk, span.start, span.end)
            # A sentence that goes on after an order would be quoted with it.
            and seen[span.start : span.end] == visible[span.start : span.end]
        ]


@lru_cache(_SOURCES)
def source_of(passage: ScoredChunk) -> Source:
    """The passage as verification sees it, taken apart once for all answers that are checked against it."""
    return Source(passage)


def supporting_quotes(claim: str, question: str, cited: Mapping[int, Source]) -> list[Quote] | None:
    """The sentences that say what the claim says, the nearest first; None when some fact of it stands in none.

    Args:
        claim: Without citation marks.
        question: Its numbers may be told by a title.
        cited: Passages by their number in the prompt.
    """
    said = frozenset(terms(claim))
    missing = _facts(claim, question, list(cited.values()))
    left = [(number, sentence) for number, source in cited.items() for sentence in source.sentences]
    chosen: list[Quote] = []
    while left and len(chosen) < MOST_QUOTES and (missing or not chosen):
        nearest = max(left, key=lambda one: (_weight(one[1], said, missing, first=not chosen), -one[0]))
        number, sentence = nearest
        if chosen and not _goes_on(sentence, said, missing):
            return None
        chosen.append(Quote(number, sentence.span, sentence.text))
        missing = missing - sentence.facts
        left.remove(nearest)
    return chosen if chosen and not missing else None


def _facts(claim: str, question: str, sources: Sequence[Source]) -> frozenset[str]:
    """What must stand in the very sentences that are quoted: the claim's numbers, dates and names.

    A name may also stand in the title or a heading, which the citation shows or the page has above the quote; a number
    there counts only if the question has it too ("in 2023", asked of a report on 2023).
    """
    about = " ".join(source.about for source in sources)
    given = _plain_words(about) | (quantities(about) & quantities(question))
    names = _plain_words(" ".join(names_of(claim, sources)))
    return (quantities(claim) | names) - given


def _weight(sentence: Sentence, said: frozenset[str], missing: frozenset[str], *, first: bool) -> tuple[int, int]:
    """The first quote is the one that says most of the claim; the next ones are for what it lacks."""
    shared, facts = len(said & sentence.terms), len(missing & sentence.facts)
    return (shared + facts, shared) if first else (facts * _goes_on(sentence, said, missing), shared)


def _goes_on(sentence: Sentence, said: frozenset[str], missing: frozenset[str]) -> bool:
    """Whether a further sentence has a missing fact and speaks of the same: a year in any sentence is not enough."""
    found = missing & sentence.facts
    return bool(found) and not (said & sentence.terms) <= frozenset(terms(" ".join(found)))


def _plain_words(text: str) -> frozenset[str]:
    """Words without numbers: those count with their sign and unit, as `quantities` gives them."""
    return frozenset(word for word in words(text) if not word[0].isdigit())


def names_of(claim: str, sources: Sequence[Source]) -> Iterator[str]:
    """The capitalised words of a claim; the first one, as all sentences have, if the sources never write it small."""
    for position, match in enumerate(_NAME.finditer(claim)):
        name = match.group()
        if not name[0].isupper() or is_stopword(name):
            continue
        is_beginning = position == 0 and not any(c.isupper() for c in name[1:])
        if not is_beginning or _is_name(name, sources):
            yield name


def _is_name(first: str, sources: Sequence[Source]) -> bool:
    texts = [source.text for source in sources]
    return any(re.search(rf"\b{re.escape(first)}\b", text) for text in texts) and not any(
        re.search(rf"\b{re.escape(first.lower())}\b", text) for text in texts
    )
