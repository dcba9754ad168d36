"""Check what a model wrote against the passages it was given, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docqa.domain.quantities import without_quantities
from docqa.domain.question_terms import expected_patterns
from docqa.domain.sentences import sentence_spans
from docqa.domain.support import Quote, Source, supporting_quotes
from docqa.domain.terms import terms
from docqa.models.chunk import ScoredChunk

# Of a sentence's content words, how many must stand in what it cites (or in the question).
SUPPORTED_SHARE = 0.6
# A sentence without a citation is given one only when the passage says nearly all of it.
ATTACHED_SHARE = 0.8

_CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LIST_MARK = re.compile(r"^\s*(?:[-*\u2022]|\d{1,2}[.)])\s+")
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|cannot)\b|n[\u2019']t\b", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_][\w\u2019'-]*")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer that its passages bear out.

    Attributes:
        text: Without citation marks.
        quotes: The sentences that bear it out, the nearest first.
    """

    text: str
    quotes: tuple[Quote, ...]


def verified_claims(answer: str, question: str, passages: Sequence[ScoredChunk]) -> list[Claim]:
    """The sentences that stand: what they cite was in the prompt and says their numbers, dates, names and most words.

    Args:
        answer: What the model wrote.
        question: Its words need no source.
        passages: Of the prompt, in order.
    """
    sources = [Source(passage) for passage in passages]
    claims: list[Claim] = []
    for sentence, stated in _sentences(answer):
        numbers = stated or _only_source(sentence, sources)
        if not numbers or not all(1 <= number <= len(sources) for number in numbers):
            continue
        cited = {number: sources[number - 1] for number in numbers}
        if not is_supported(sentence, question, list(cited.values())) or _is_repeated(sentence, claims):
            continue
        quotes = supporting_quotes(sentence, question, cited)
        if quotes and _denies(sentence) == _denies(quotes[0].text):
            claims.append(Claim(sentence, tuple(quotes)))
    return claims


def addresses(question: str, claims: Sequence[Claim]) -> bool:
    """Whether the claims say something that the question does not, of the kind that it asks for."""
    said = " ".join(claim.text for claim in claims)
    new = frozenset(terms(said)) - frozenset(terms(question))
    expected = expected_patterns(question)
    return bool(new) and (not expected or any(pattern.search(said) for pattern in expected))


def is_supported(claim: str, question: str, sources: Sequence[Source]) -> bool:
    """Whether the sources together hold most words of the claim, and the first one, which may be a name."""
    known = frozenset().union(*(source.terms for source in sources))
    asked = frozenset(terms(question))
    said = frozenset(terms(without_quantities(claim)))
    if said and (not said & known or len(said & (known | asked)) < SUPPORTED_SHARE * len(said)):
        return False
    # The question's own names need a source like all others; its other words do not.
    plain = frozenset(term for word in question.split() if not word[0].isupper() for term in terms(word))
    return frozenset(_first_term(claim)) <= known | plain


def _denies(sentence: str) -> bool:
    return _NEGATION.search(sentence) is not None


def _sentences(answer: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Sentences without marks, and the passages they cite; a mark after a full stop belongs to what it follows."""
    text = re.sub(r"([.!?])((?:\s*\[[\d,\s]+\])+)", r"\2\1", answer)
    for span in sentence_spans(text):
        sentence = text[span.start : span.end]
        cited = [int(n) for match in _CITATION.finditer(sentence) for n in match.group(1).split(",")]
        plain = _LIST_MARK.sub("", _CITATION.sub("", sentence)).strip()
        if plain:
            yield plain, tuple(dict.fromkeys(cited))


def _only_source(sentence: str, sources: Sequence[Source]) -> tuple[int, ...]:
    """The passage that says nearly all of a sentence without a citation; the first of several that do."""
    said = frozenset(terms(sentence))
    if not said:
        return ()
    shares = sorted(((len(said & s.terms) / len(said), number) for number, s in enumerate(sources, 1)), reverse=True)
    best = shares[0][0] if shares else 0.0
    if best < ATTACHED_SHARE:
        return ()
    return (min(number for share, number in shares if share == best),)


def _is_repeated(claim: str, before: Sequence[Claim]) -> bool:
    said = frozenset(terms(claim))
    return any(said <= frozenset(terms(other.text)) for other in before)


def _first_term(sentence: str) -> list[str]:
    """The first word, which may be a name although every sentence begins with a capital; adverbs are none."""
    first = _NAME.match(sentence)
    return [] if first is None or first.group().endswith("ly") else terms(first.group())
