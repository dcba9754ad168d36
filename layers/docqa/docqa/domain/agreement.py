"""Vote among several answers to one question by what their verified claims have in common (self-consistency)."""

from __future__ import annotations

from collections.abc import Sequence

from docqa.domain.quantities import quantities
from docqa.domain.terms import terms
from docqa.domain.verification import Claim

# Of the content words of two claims together, how many they share when they say the same.
SAME_SHARE = 0.5


def most_agreed(answers: Sequence[Sequence[Claim]]) -> int:
    """Which answer's claims the others bear out most; the first of equals.

    Two answers agree as far as the claims of one find their like in the other; answers without claims agree with each
    other, so that "nothing could be verified" can win as well.

    Args:
        answers: The claims of each; at least one answer.
    """
    return max(range(len(answers)), key=lambda n: (_support(answers, n), -n))


def _support(answers: Sequence[Sequence[Claim]], chosen: int) -> float:
    others = [answer for n, answer in enumerate(answers) if n != chosen]
    return sum(_agreement(answers[chosen], other) for other in others)


def _agreement(one: Sequence[Claim], other: Sequence[Claim]) -> float:
    """0 to 1: the share of claims on both sides that have their like on the other."""
    if not one or not other:
        return float(not one and not other)
    matched = sum(any(_same(a, b) for b in other) for a in one) + sum(any(_same(a, b) for a in one) for b in other)
    return matched / (len(one) + len(other))


def _same(one: Claim, other: Claim) -> bool:
    """Whether two claims say the same: the same numbers, and most of their words."""
    if quantities(one.text) != quantities(other.text):
        return False
    left, right = frozenset(terms(one.text)), frozenset(terms(other.text))
    return len(left & right) >= SAME_SHARE * len(left | right)
