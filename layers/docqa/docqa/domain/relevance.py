"""Of what a model wrote, that which belongs to the question: a passage bears out much that nobody asked for."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from docqa.domain.terms import terms
from docqa.domain.verification import Claim


def to_the_point(claims: Sequence[Claim], question: str, evidence: AbstractSet[str]) -> list[Claim]:
    """The claims that rest on evidence, and those that share a word with these or with the question.

    A code snippet or a slogan that somebody planted beside the answer is in the passage, word for word, and so it is
    borne out; it is just not what was asked. Items of a list need not repeat what the list is of.

    Args:
        claims: Verified ones.
        question: What was asked.
        evidence: Texts of the sentences that are strong evidence for it.
    """
    resting = [claim for claim in claims if any(quote.text in evidence for quote in claim.quotes)]
    about = frozenset(terms(" ".join((question, *(claim.text for claim in resting)))))
    return [claim for claim in claims if claim in resting or claim.listed or not about.isdisjoint(terms(claim.text))]
