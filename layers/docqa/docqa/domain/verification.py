"""Check what a model wrote against the passages it was given, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from docqa.domain.answer_lines import tables_as_lists
from docqa.domain.mix_ups import is_mixed_up
from docqa.domain.quantities import quantities, without_quantities
from docqa.domain.question_terms import expected_patterns
from docqa.domain.sentences import sentence_spans
from docqa.domain.support import Quote, Source, source_of, supporting_quotes
from docqa.domain.terms import terms
from docqa.models.chunk import ScoredChunk

# Of a sentence's content words, how many must stand in what it cites (or in the question).
SUPPORTED_SHARE = 0.6
# A sentence without a citation is given one only when the passage says nearly all of it.
ATTACHED_SHARE = 0.8

_CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LIST_MARK = re.compile(r"^\s*(?:[-*\u2022]|\d{1,2}[.)])\s+")
_NUMBERED = re.compile(r"^[ \t]*\(?\d{1,2}[.)][ \t]+", re.MULTILINE)
_ITEM_NUMBER = re.compile(r"\(?\d{1,2}\)")
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|cannot)\b|n[\u2019']t\b", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_][\w\u2019'-]*")


class Written(NamedTuple):
    """A sentence that a model wrote.

    Attributes:
        text: Without citation marks.
        cited: The passages that it names.
        listed: It is an item of a list.
    """

    text: str
    cited: tuple[int, ...]
    listed: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer that its passages bear out.

    Attributes:
        text: Without citation marks.
        quotes: The sentences that bear it out, the nearest first.
        borne_out: Its content words that the passages say, or that were worked out from them, and its amounts.
        listed: It is an item of a list, on a line of its own.
    """

    text: str
    quotes: tuple[Quote, ...]
    borne_out: frozenset[str] = frozenset()
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence of the answer, and what became of it.

    Attributes:
        text: Without citation marks.
        cited: The passages that it names.
        claim: What stands of it; None: it was removed.
        removed: Why.
    """

    text: str
    cited: tuple[int, ...]
    claim: Claim | None = None
    removed: str | None = None


def verified_claims(answer: str, question: str, passages: Sequence[ScoredChunk]) -> list[Claim]:
    """The sentences that stand: what they cite was in the prompt and says their numbers, dates, names and most words.

    Args:
        answer: What the model wrote.
        question: Its words need no source.
        passages: Of the prompt, in order.
    """
    return [one.claim for one in judged_sentences(answer, question, passages) if one.claim is not None]


def judged_sentences(answer: str, question: str, passages: Sequence[ScoredChunk]) -> list[Judged]:
    """Every sentence of the answer: those that stand, as `verified_claims` has it, and why the others do not."""
    sources = [source_of(passage) for passage in passages]
    judged: list[Judged] = []
    for written in cited_sentences(tables_as_lists(answer)):
        before = [one.claim for one in judged if one.claim is not None]
        outcome = _claim(written, question, sources, before)
        if isinstance(outcome, Claim):
            judged.append(Judged(written.text, written.cited, claim=outcome))
        else:
            judged.append(Judged(written.text, written.cited, removed=outcome))
    return judged


def _claim(written: Written, question: str, sources: Sequence[Source], before: Sequence[Claim]) -> Claim | str:
    """The claim that a sentence makes and its passages bear out, or what is wrong with it."""
    numbers = written.cited or _only_source(written.text, sources)
    cited = {number: sources[number - 1] for number in numbers if 1 <= number <= len(sources)}
    if not numbers or len(cited) < len(numbers):
        return "it cites a passage that was not in the prompt" if numbers else "it cites no passage, and none says it"
    if _is_repeated(written.text, before):
        return "a sentence before it says the same"
    quotes = _borne_out(written, question, cited)
    if isinstance(quotes, str):
        return quotes
    # Words that a passage has, and amounts, which it may write otherwise: the quotes hold those.
    known = frozenset[str]().union(*(source.terms for source in cited.values()))
    borne_out = known.intersection(terms(written.text)) | quantities(written.text)
    return Claim(written.text, tuple(quotes), borne_out, written.listed)


def _borne_out(written: Written, question: str, cited: Mapping[int, Source]) -> list[Quote] | str:
    """The sentences of the cited passages that bear a sentence out, or why none do."""
    sentence = written.text
    if not is_supported(sentence, question, list(cited.values())):
        return "most of its words stand in no passage that it cites"
    quotes = supporting_quotes(sentence, question, cited)
    if not quotes:
        return "a number, date or name of it stands in no sentence that could be quoted for it"
    if _denies(sentence) != _denies(quotes[0].text):
        return "it denies what the passage says, or the other way round"
    quoted = {quote.number for quote in quotes}
    if any(is_mixed_up(sentence, question, cited[number], listed=written.listed) for number in quoted):
        return "what it answers stands where the passage speaks of something else"
    return quotes


def addresses(question: str, claims: Sequence[Claim]) -> bool:
    """Whether the claims say something that the question does not, of the kind that it asks for.

    "The passage is about ..." says nothing: the new word stands in no passage.
    """
    said = " ".join(claim.text for claim in claims)
    asked = quantities(question).union(terms(question))
    new = frozenset[str]().union(*(claim.borne_out for claim in claims)) - asked
    expected = expected_patterns(question)
    return bool(new) and (not expected or any(pattern.search(said) for pattern in expected))


def is_supported(claim: str, question: str, sources: Sequence[Source]) -> bool:
    """Whether the sources together hold most words of the claim, and the first one, which may be a name."""
    if _ITEM_NUMBER.fullmatch(claim.strip()):
        return False  # it says nothing
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


def cited_sentences(answer: str) -> Iterator[Written]:
    """The sentences of an answer. A mark after a full stop belongs to what it follows."""
    text = re.sub(r"([.!?])((?:\s*\[[\d,\s]+\])+)", r"\2\1", _bulleted(answer))
    for span in sentence_spans(text):
        sentence = text[span.start : span.end]
        cited = [int(n) for match in _CITATION.finditer(sentence) for n in match.group(1).split(",")]
        plain = _LIST_MARK.sub("", _CITATION.sub("", sentence)).strip()
        if plain:
            yield Written(plain, tuple(dict.fromkeys(cited)), _LIST_MARK.match(sentence) is not None)


def _bulleted(answer: str) -> str:
    """A numbered list with dashes: the full stop of its numbers ends no sentence. One such line alone is no list."""
    return _NUMBERED.sub("- ", answer) if len(_NUMBERED.findall(answer)) > 1 else answer


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
