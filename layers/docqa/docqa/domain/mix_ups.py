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

# Of what a claim repeats of the question, the share that the sentence with its answer must say. Chosen with the rest of
# the rule on 535 right and 317 wrong statements about squad's passages (docs/decisions/0069).
LEAST_SHARE_SAID = 0.5

_LEAD_IN = frozenset(terms("The answer is"))
_POINTS_BACK = re.compile(
    r"\b(?:it|its|he|his|him|she|her|hers|they|their|them|this|these|those|such)\b", re.IGNORECASE
)
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")

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


def is_mixed_up(claim: str, question: str, source: Source) -> bool:
    """Whether the answer that a claim gives stands where something else is spoken of.

    The answer is what the claim has of amounts or names that the question has not. A sentence that holds it must say
    half of what the claim repeats of the question, and no sentence with another amount or name of the kind may say more
    of it: "The average family size was 3.07" is not borne out by "The average family size was 3.62. The average
    household size was 3.07." A bare answer ("The answer is 3.07") is taken to repeat all of the question.

    Args:
        claim: Without citation marks.
        question: What was asked.
        source: A passage that the claim cites.
    """
    asked = frozenset(terms(question))
    # What title and headings tell is told of everything below them.
    given = asked.union(quantities(question), terms(source.about), quantities(source.about))
    names = frozenset(terms(" ".join(names_of(claim, [source]))))
    told = source.terms.intersection(terms(claim))
    is_bare = all(term in names or term[0].isdigit() for term in told - _LEAD_IN)
    repeated = (asked if is_bare else told) & asked & source.terms
    said = _said(source, given)
    answers = _by_kind(quantities(claim) - given, names - given)
    return any(_stands_elsewhere(kind, answer, repeated, said) for kind, answer in answers.items())


def _stands_elsewhere(kind: str, answer: Words, repeated: Words, said: Sequence[_Said]) -> bool:
    """Whether other sentences than those with the answer say what the claim repeats of the question."""
    found = [len(answer & (one.facts.get(kind, frozenset()) | one.words)) for one in said]
    if not any(found):
        return False  # nothing tells it: that is for others to judge
    holding = [n == max(found) for n in found]
    shared = max(len(repeated & one.with_before) for one, holds in zip(said, holding, strict=True) if holds)
    if shared < LEAST_SHARE_SAID * len(repeated):
        return True
    others = (one for one, holds in zip(said, holding, strict=True) if not holds)
    rivals = (one for one in others if one.facts.get(kind, frozenset()) - answer)
    return any(len(repeated & one.words) > shared for one in rivals)


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
    found["name"].update(names)
    return found
