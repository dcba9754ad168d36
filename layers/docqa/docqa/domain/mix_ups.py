"""Claims that tell of one thing what the passage tells of another: the right number, beside the wrong name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from docqa.domain.quantities import quantities
from docqa.domain.support import Source, names_of
from docqa.domain.terms import terms

_POINTS_BACK = re.compile(
    r"\b(?:it|its|he|his|him|she|her|hers|they|their|them|this|these|those|such)\b", re.IGNORECASE
)
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_NAME = "name"

Words = AbstractSet[str]


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of a passage.

    Attributes:
        words: Its content words, those of title, headings and column names above it among them.
        with_before: Those, and the words of the sentence before it where it points back there ("It was ...").
        facts: Its names and amounts by kind, but those that the question, the title or a heading tells.
    """

    words: Words
    with_before: Words
    facts: Mapping[str, Words]

    def holds(self, kind: str, answer: Words) -> int:
        """How much of an answer it gives: of names also those that it points back to."""
        return len(answer & (self.with_before if kind == _NAME else self.facts.get(kind, frozenset())))


def is_mixed_up(claim: str, question: str, source: Source, *, listed: bool = False) -> bool:
    """Whether the answer that a claim gives stands where something else is spoken of.

    The answer is what the claim has of amounts or names that the question has not. Where a sentence with another amount
    or name of the kind says all that the sentences with the answer say of what the claim repeats of the question, and
    more, it is that one which the claim should have told: "The average family size was 3.07" is not borne out by "The
    average family size was 3.62. The average household size was 3.07." A claim that repeats nothing of the question
    ("It is 3.07") is taken to repeat all of it; not so an item of a list, which is one answer among several.

    Args:
        claim: Without citation marks.
        question: What was asked.
        source: A passage that the claim cites.
        listed: The claim is an item of a list.
    """
    asked = frozenset(terms(question))
    # What title and headings tell is told of everything below them.
    given = asked.union(quantities(question), terms(source.about), quantities(source.about))
    names = frozenset(terms(" ".join(names_of(claim, [source]))))
    repeated = asked.intersection(terms(claim)) or (frozenset() if listed else asked)
    said = _said(source, given)
    answers = _by_kind(quantities(claim) - given, names - given)
    return any(_stands_elsewhere(kind, answer, repeated, said) for kind, answer in answers.items())


def _stands_elsewhere(kind: str, answer: Words, repeated: Words, said: Sequence[_Said]) -> bool:
    """Whether another sentence than those with the answer says more of what is repeated, and has another answer."""
    found = [one.holds(kind, answer) for one in said]
    if not any(found):
        return False  # nothing tells it: that is for others to judge
    holding = [one for one, n in zip(said, found, strict=True) if n == max(found)]
    others = [one for one, n in zip(said, found, strict=True) if n < max(found)]
    rivals = (repeated & one.words for one in others if one.facts.get(kind, frozenset()) - answer)
    return any(all(rival > repeated & one.with_before for one in holding) for rival in rivals)


def _said(source: Source, given: Words) -> list[_Said]:
    about = frozenset(terms(source.about))
    said: list[_Said] = []
    before: Words = frozenset()
    for sentence in source.sentences:
        words = about.union(sentence.terms, terms(sentence.header))
        back = before if _POINTS_BACK.search(sentence.text) else frozenset()
        said.append(_Said(words, words | back, _by_kind(sentence.amounts - given, sentence.names - given)))
        before = sentence.terms
    return said


def _by_kind(amounts: Iterable[str], names: Iterable[str]) -> Mapping[str, Words]:
    """Names, years, and other amounts by what they count: percentages are not mixed up with years."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for amount in amounts:
        found["year" if _YEAR.fullmatch(amount) else amount.lstrip("-.0123456789")].add(amount)
    found[_NAME].update(names)
    return found
