"""A passage as ranking, evidence and confidence read it: its sentences, their terms, and the terms above it.

Each text is taken apart once, however many steps of a question read it.
"""

from __future__ import annotations

from functools import lru_cache

from docqa.domain.language_terms import terms_in
from docqa.domain.sentences import Span, sentence_spans
from docqa.domain.visible_text import visible_text
from docqa.models.chunk import ScoredChunk

# The candidates of one question: what the next one finds is rarely the same.
_TEXTS = 200


def own_terms(passage: ScoredChunk, language: str = "") -> frozenset[str]:
    """The terms of what a reader of its page sees, by the rules of a language (`languages.language_of`)."""
    return _terms_of(visible_text(passage.chunk), language)


def terms_above(passage: ScoredChunk, language: str = "") -> frozenset[str]:
    """The terms of its title and headings."""
    return _terms_of("\n".join((passage.title, *passage.chunk.headings)), language)


def title_terms(passage: ScoredChunk) -> frozenset[str]:
    """The terms of its document's title."""
    return _terms_of(passage.title, "")


def all_terms(passage: ScoredChunk, language: str = "") -> frozenset[str]:
    """Its own terms and those above it."""
    return own_terms(passage, language) | terms_above(passage, language)


def said_sentences(passage: ScoredChunk, language: str = "") -> tuple[tuple[Span, tuple[str, ...]], ...]:
    """Its sentences and the terms of each, in order."""
    return _sentences_of(visible_text(passage.chunk), language)


@lru_cache(_TEXTS)
def _terms_of(text: str, language: str) -> frozenset[str]:
    return frozenset(terms_in(language, text))


@lru_cache(_TEXTS)
def _sentences_of(text: str, language: str) -> tuple[tuple[Span, tuple[str, ...]], ...]:
    return tuple((span, tuple(terms_in(language, text[span.start : span.end]))) for span in sentence_spans(text))
