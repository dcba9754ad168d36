"""What a question asks for: its terms, weighed by how rare they are, their pairs, names, and kind of answer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from docqa.domain.language_terms import terms_in
from docqa.domain.languages import language_of
from docqa.domain.passage_terms import all_terms, own_terms
from docqa.domain.spelling import respelled
from docqa.domain.terms import terms
from docqa.models.chunk import ScoredChunk

# More candidates than these make a word's rarity no better known, and cost milliseconds.
RARITY_CANDIDATES = 60
# Neighbours count 1, terms four places apart a half.
_HALF_NEAR = 3.0
_WRONG_ORDER = 0.5

# "Who is the registered owner of ...": the thing that is asked for, before what it is of.
_THING = re.compile(
    r"\b(?:what|who|which)\s+(?:is|was|are|were)\s+the\s+([^?.,;:]+?)\s+(?:of|for|in|on|at|to|by|with|from|during)\s",
    re.IGNORECASE,
)
_THING_TERMS_MAX = 4
# As long as the longest name of an entry (`sentences._ENTRY`), with room for what stands before it on its line.
_LABEL_CHARACTERS = 60
_COLON = re.compile(r":\s+(?=\S)")

_NAME_OR_NUMBER = re.compile(r"(?<=\S )[A-Z][\w\u2019'-]+|\d[\d,.]*")
_EXPECTATIONS = (
    (re.compile(r"\b(when|what (year|date|day|month|decade|century)|which (year|date|day|month|decade|century))\b"),
     re.compile(r"\b(1\d{3}|20\d{2})s?\b|\b(January|February|March|April|May|June|July|August|September|October|"
                r"November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b|\bcentury\b")),
    (re.compile(r"\b(how (many|much|long|old|far|tall|high|big|large|fast|deep)|what (percent|percentage|number|amount|"
                r"proportion|fraction|size|population|age)|total)\b"),
     re.compile(r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|"
                r"billion|half|third|quarter|none|several)\b", re.IGNORECASE)),
)  # fmt: skip


class QuestionTerms:
    """The question's terms, each weighed by how rare it is among the candidates.

    Attributes:
        question: As asked.
        language: Whose rules its terms follow, and those of what it is compared with; empty: those for English.
        weights: By term.
        total: Of all weights.
        pairs: Terms that follow each other in the question, each pair weighed by its commoner term.
        names: Terms of names and numbers.
        guessed: Of the terms those that the question spells otherwise (`spelling.respelled`).
        expected: What an answer to such a question must show: a date after "when", a number after "how many".
        thing: Terms of what is asked for, where the question says it in so many words ("the probable cause of").
    """

    def __init__(self, question: str, candidates: Sequence[ScoredChunk]) -> None:
        self.question = question
        self.language = language_of(question)
        looked_at = candidates[:RARITY_CANDIDATES]
        bags = [own_terms(candidate, self.language) for candidate in looked_at]
        self._respelled = respelled(terms_in(self.language, question), [all_terms(c, self.language) for c in looked_at])
        self.guessed = frozenset(self._respelled.values())
        asked = self._asked(question)
        frequency = {term: sum(term in bag for bag in bags) for term in asked}
        # BM25's inverse document frequency, over the candidates in place of the whole index.
        self.weights: Mapping[str, float] = {
            term: math.log(1 + (len(bags) - n + 0.5) / (n + 0.5)) for term, n in frequency.items()
        }
        self.total = sum(self.weights.values())
        self.pairs: Mapping[tuple[str, str], float] = {
            (one, other): min(self.weights[one], self.weights[other]) for one, other in pairwise(asked) if one != other
        }
        self.names = frozenset(
            term for match in _NAME_OR_NUMBER.finditer(question) for term in self._asked(match.group())
        )
        self.expected = expected_patterns(question)
        self.thing = _thing(question)

    def _asked(self, words: str) -> list[str]:
        """The terms of words of the question, spelt as the passages spell them."""
        return [self._respelled.get(term, term) for term in terms_in(self.language, words)]

    def terms(self, text: str) -> list[str]:
        """The terms of a text, for comparing with the question's."""
        return terms_in(self.language, text)

    def is_named(self, sentence: str, said: Sequence[str]) -> bool:
        """Whether a sentence names the very thing that is asked for: in its words, or as an entry of a form.

        Args:
            sentence: As it stands on its page.
            said: Its terms in order.
        """
        many = len(self.thing)
        if not many:
            return False
        in_words = many > 1 and any(tuple(said[n : n + many]) == self.thing for n in range(len(said)))
        return in_words or any(_ends_with(label, self.thing) for label in _labels(sentence))

    def share(self, present: AbstractSet[str]) -> float:
        """Share of the weight whose terms are among these, 0 to 1."""
        return sum(weight for term, weight in self.weights.items() if term in present) / (self.total or 1.0)

    def closeness(self, said: Sequence[str]) -> float:
        """How near the question's pairs stand to each other among terms in order: 0 to 1, where all are neighbours."""
        places: dict[str, list[int]] = {}
        for place, term in enumerate(said):
            if term in self.weights:
                places.setdefault(term, []).append(place)
        near = 0.0
        for (one, other), weight in self.pairs.items():
            if one in places and other in places:
                distances = (_distance(x, y) for x in places[one] for y in places[other])
                near += weight * min(1.0, _HALF_NEAR / (_HALF_NEAR - 1 + min(distances)))
        return near / (sum(self.pairs.values()) or 1.0)


def _distance(one: int, other: int) -> float:
    """Places from one term to the other; in the wrong order somewhat more."""
    return other - one if other > one else one - other + _WRONG_ORDER


def _thing(question: str) -> tuple[str, ...]:
    found = _THING.search(question)
    named = tuple(terms(found.group(1))) if found else ()
    return named if len(named) <= _THING_TERMS_MAX else ()


def _labels(sentence: str) -> Iterator[str]:
    """What stands before each colon that a value follows."""
    for colon in _COLON.finditer(sentence):
        yield sentence[max(0, colon.start() - _LABEL_CHARACTERS) : colon.start()]


def _ends_with(label: str, thing: tuple[str, ...]) -> bool:
    return tuple(terms(label)[-len(thing) :]) == thing


def expected_patterns(question: str) -> list[re.Pattern[str]]:
    """What an answer to such a question must show."""
    return [pattern for asked, pattern in _EXPECTATIONS if asked.search(question.lower())]
