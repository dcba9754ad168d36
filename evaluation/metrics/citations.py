"""Whether citations are true: the quote stands on the page, supports its sentence, and is where the answer is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from docqa.domain.terms import terms
from evaluation.gold import Gold, Pages
from evaluation.outcomes import Outcome, Quote

# Of a sentence's terms, how many its quotes must share. Every number must be among them.
LEAST_TERMS_SHARED = 0.5
_CLAIM = re.compile(r"(.*?)((?:\[\d+\]\s*)+)", re.DOTALL)
_MARK = re.compile(r"\[(\d+)\]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def citation_measures(outcome: Outcome) -> dict[str, float]:
    """Precision of an answer's citations; recall for a question whose gold is known.

    Precision: the share of citations whose quote stands verbatim on the cited page and, with its sentence's other
    quotes, supports the sentence that it is put to. Recall: whether some cited quote holds gold, as exactly as the set
    knows it: the answer's span, half of the excerpt or of the quote, the page, the document.
    """
    measures = {}
    if outcome.answered:
        measures["precision"] = precision(outcome)
    if outcome.question.answerable and outcome.gold:
        held = any(holds_gold(quote, gold) for quote in outcome.citations for gold in outcome.gold)
        measures["recall"] = float(outcome.answered and held)
    return measures


def precision(outcome: Outcome) -> float:
    """Share of the citations that are right; an answer without any has 0."""
    by_number = {quote.number: quote for quote in outcome.citations}
    right = total = 0
    for claim, numbers in claims(outcome.text):
        quotes = [by_number[number] for number in numbers if number in by_number]
        supported = supports(claim, quotes)
        total += len(numbers)
        right += sum(quote.verbatim and supported for quote in quotes)
    return right / total if total else 0.0


def claims(text: str) -> list[tuple[str, list[int]]]:
    """The sentences of an answer, each with the numbers that are put to it."""
    return [
        (match.group(1).strip(), [int(number) for number in _MARK.findall(match.group(2))])
        for match in _CLAIM.finditer(text)
    ]


def supports(claim: str, quotes: Sequence[Quote]) -> bool:
    """Whether the quotes say what the sentence says: all its numbers, and half of its terms."""
    said = " ".join(f"{quote.header} {quote.text}" for quote in quotes)
    if not set(_NUMBER.findall(claim)) <= set(_NUMBER.findall(said)):
        return False
    wanted = set(terms(claim))
    return len(wanted & set(terms(said))) >= LEAST_TERMS_SHARED * len(wanted)


def holds_gold(quote: Quote, gold: Gold) -> bool:
    """Whether a quote is taken from where the answer stands."""
    if gold.answers:
        return any(span.holds(answer) for span in quote.spans for answer in gold.answers)
    if gold.span is not None:
        least = min(len(quote.text), gold.span.end - gold.span.start)
        return any(2 * span.overlap(gold.span) >= least for span in quote.spans)
    if gold.characters:
        return False
    return quote.document == gold.document and gold.page in (None, quote.page)


def numbers_on_page(outcome: Outcome, corpus: Pages) -> tuple[int, int]:
    """How many numbers of the answer stand on a page that is cited for their sentence, and how many it has."""
    by_number = {quote.number: quote for quote in outcome.citations}
    right = total = 0
    for claim, cited in claims(outcome.text):
        quotes = [by_number[number] for number in cited if number in by_number]
        there = " ".join(corpus.pages(quote.document).get(quote.page, "") for quote in quotes)
        wanted, found = _NUMBER.findall(claim), set(_NUMBER.findall(there))
        total += len(wanted)
        right += sum(number in found for number in wanted)
    return right, total
