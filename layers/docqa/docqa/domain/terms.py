"""Words that carry meaning, folded so that a question's words meet a passage's."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:[\u2019'][^\W\d_]+)?|\d+")
_STOPWORDS = frozenset(
    "a about after again all also am an and any are as at be because been before being"  # noqa: SIM905
    " between both but by can could"
    " did do does doing down during each few for from further had has have having he her here hers him his how i if in"
    " into is it its itself just many may me might more most much must my no nor not of off on once one only or other"
    " our out over own same shall she should so some such than that the their them then there these they this those"
    " through to too under until up upon us very was we were what when where which while who whom whose why will with"
    " would you your according tell name give kind type many-of".split()
)
_SHORTEST_STEM = 3
_VOWELS = frozenset("aeiouy")
# Longest first: the first that fits is taken off.
_SUFFIXES = (
    ("ations", ""), ("ation", ""), ("ements", ""), ("ement", ""), ("ingly", ""), ("ments", ""), ("ment", ""),
    ("ities", ""), ("ions", ""), ("ings", ""), ("ers", ""), ("ors", ""), ("ity", ""), ("ion", ""), ("ing", ""),
    ("ies", "y"), ("ied", "y"), ("est", ""), ("ors", ""), ("ed", ""), ("er", ""), ("or", ""), ("es", ""), ("ly", ""),
    ("s", ""),
)  # fmt: skip


def terms(text: str) -> list[str]:
    """The stemmed content words and numbers of a text, in order."""
    return [term for word in _WORD.findall(text) if (term := _term(word))]


def spelled(text: str) -> list[str]:
    """All words and numbers of a text as it spells them, in order."""
    return _WORD.findall(text)


def words(text: str) -> list[str]:
    """All words and numbers, lower case, without accents; thousands separators are dropped."""
    return [fold(word) for word in spelled(text)]


@lru_cache(maxsize=50_000)
def _term(word: str) -> str:
    """The stem of a word; empty where it carries no meaning of its own."""
    folded = fold(word)
    return "" if folded in _STOPWORDS else _stem(folded)


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """A word in lower case, without accents and without what follows an apostrophe; a number without separators."""
    if word[0].isdigit():
        return word.replace(",", "").rstrip(".")
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\u2019']s?$|[\u2019'].*$", "", plain) or plain


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    """A rough English stem. It only has to fold question and passage alike, not to be a word."""
    if word[0].isdigit() or not word.isascii():
        return word
    for suffix, instead in _SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) >= _SHORTEST_STEM and not _VOWELS.isdisjoint(stem) and not word.endswith("ss"):
            return _finish(stem + instead)
    return _finish(word)


def _finish(stem: str) -> str:
    """Silent ends and doubled consonants: `invaded`, `invade` and `stopped`, `stop` meet."""
    if len(stem) > _SHORTEST_STEM and stem.endswith(("e", "y")):
        stem = stem[:-1]
    if len(stem) > _SHORTEST_STEM and stem[-1] == stem[-2] and stem[-1] not in _VOWELS:
        stem = stem[:-1]
    return stem


def is_stopword(word: str) -> bool:
    """Whether a word carries no meaning of its own."""
    return fold(word) in _STOPWORDS
