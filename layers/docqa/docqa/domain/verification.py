"""Check what a model wrote against the passages it was given, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docqa.domain.evidence import expected_patterns
from docqa.domain.sentences import sentence_spans
from docqa.domain.terms import is_stopword, terms, words

# Of a sentence's content words, how many must stand in what it cites (or in the question).
SUPPORTED_SHARE = 0.6
# A sentence without a citation is given one only when the passage says nearly all of it.
ATTACHED_SHARE = 0.8

_CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LIST_MARK = re.compile(r"^\s*(?:[-*\u2022]|\d{1,2}[.)])\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|cannot)\b|n[\u2019']t\b", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_][\w\u2019'-]*")
_NUMBER_WORDS = (
    {
        word: str(value)
        for value, word in enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"  # noqa: SIM905
            " fifteen sixteen seventeen eighteen nineteen twenty".split()
        )
    }
    | {
        word: str(value)
        for value, word in zip(
            range(30, 100, 10), ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), strict=True
        )
    }
    | {"dozen": "12", "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000"}
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer that its passages bear out.

    Attributes:
        text: Without citation marks.
        numbers: 1-based numbers of the passages that it cites, as in the prompt.
    """

    text: str
    numbers: tuple[int, ...]


class Source:
    """A passage as verification sees it: its words, stems and numbers, those of its title and headings included."""

    def __init__(self, text: str) -> None:
        self.words = frozenset(words(text))
        self.terms = frozenset(terms(text))
        self.numbers = frozenset(numbers_of(text))
        self.sentences = tuple(text[span.start : span.end] for span in sentence_spans(text))


def verified_claims(answer: str, question: str, passages: Sequence[str]) -> list[Claim]:
    """The sentences that stand: what they cite was in the prompt and says their numbers, dates, names and most words.

    Args:
        answer: What the model wrote.
        question: Its words need no source.
        passages: Title, headings and text of each passage in the prompt, in order.
    """
    sources = [Source(passage) for passage in passages]
    claims: list[Claim] = []
    for sentence, cited in _sentences(answer):
        numbers = cited or _only_source(sentence, sources)
        if not numbers or not all(1 <= number <= len(sources) for number in numbers):
            continue
        claim = Claim(sentence, numbers)
        cited_sources = [sources[number - 1] for number in numbers]
        if (
            is_supported(claim, question, cited_sources)
            and _denies_alike(claim, cited_sources)
            and not _is_repeated(claim, claims)
        ):
            claims.append(claim)
    return claims


def addresses(question: str, claims: Sequence[Claim]) -> bool:
    """Whether the claims say something that the question does not, of the kind that it asks for."""
    said = " ".join(claim.text for claim in claims)
    new = frozenset(terms(said)) - frozenset(terms(question))
    expected = expected_patterns(question)
    return bool(new) and (not expected or any(pattern.search(said) for pattern in expected))


def is_supported(claim: Claim, question: str, sources: Sequence[Source]) -> bool:
    """Whether the sources together hold every number, date and name of the claim, and most of its words."""
    known = frozenset().union(*(source.terms for source in sources))
    asked = frozenset(terms(question))
    said = frozenset(term for term in terms(claim.text) if not term[0].isdigit())
    if said and (not said & known or len(said & (known | asked)) < SUPPORTED_SHARE * len(said)):
        return False
    # The question's own names need a source like all others; its other words do not.
    plain = frozenset(term for word in question.split() if not word[0].isupper() for term in terms(word))
    return frozenset(_first_term(claim.text)) <= known | plain and _says_facts(claim, sources)


def _denies_alike(claim: Claim, sources: Sequence[Source]) -> bool:
    """Whether the sentence that the claim rests on says "not" exactly when the claim does."""
    said = frozenset(terms(claim.text))
    sentences = [sentence for source in sources for sentence in source.sentences]
    nearest = max(sentences, key=lambda sentence: len(said.intersection(terms(sentence))), default="")
    return bool(_NEGATION.search(claim.text)) == bool(_NEGATION.search(nearest))


def _says_facts(claim: Claim, sources: Sequence[Source]) -> bool:
    numbers = frozenset().union(*(source.numbers for source in sources))
    every_word = frozenset().union(*(source.words for source in sources))
    return numbers >= set(numbers_of(claim.text)) and all(
        set(words(name)) <= every_word for name in _names_of(claim.text)
    )


def numbers_of(text: str) -> Iterator[str]:
    """Numbers in digits and words, without thousands separators; years and days are numbers too."""
    for match in _NUMBER.finditer(text):
        yield match.group().replace(",", "")
    for word in words(text):
        if word in _NUMBER_WORDS:
            yield _NUMBER_WORDS[word]


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


def _is_repeated(claim: Claim, before: Sequence[Claim]) -> bool:
    said = frozenset(terms(claim.text))
    return any(said <= frozenset(terms(other.text)) for other in before)


def _first_term(sentence: str) -> list[str]:
    """The first word, which may be a name although every sentence begins with a capital; adverbs are none."""
    first = _NAME.match(sentence)
    return [] if first is None or first.group().endswith("ly") else terms(first.group())


def _names_of(sentence: str) -> Iterator[str]:
    """Capitalised words, but for the first, which is checked as a word (`_first_term`)."""
    for position, match in enumerate(_NAME.finditer(sentence)):
        name = match.group()
        is_beginning = position == 0 and not any(c.isupper() for c in name[1:])
        if name[0].isupper() and not is_stopword(name) and not is_beginning:
            yield name
