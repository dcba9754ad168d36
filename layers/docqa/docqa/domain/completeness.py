"""Whether an answer says all that the quotes would have said in its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docqa.domain.quantities import quantities
from docqa.domain.terms import terms
from docqa.domain.verification import Claim


def says_all_of(quotes: Iterable[str], claims: Sequence[Claim], question: str) -> bool:
    """Whether the claims hold every number and every content word of the quotes but those that the question has.

    Then no answer is lost that a reader would have found in the quotes, whatever kind of answer was asked for. Kinds
    cannot be told: of 177 questions for a date, a number or a person, 32 have another kind of answer ("when": "after
    the war", "how many": "hundreds", "who": "their disciples").
    """
    said = " ".join(claim.text for claim in claims)
    known = frozenset(terms(said)) | frozenset(terms(question))
    amounts = quantities(said) | quantities(question)
    return all(frozenset(terms(quote)) <= known and quantities(quote) <= amounts for quote in quotes)
