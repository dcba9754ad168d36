"""Numbers that are worked out, not copied: every input stands in a passage, and is quoted with the result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from docqa.domain.arithmetic import evaluate, rounded
from docqa.domain.quantities import amounts_in
from docqa.domain.support import Quote, Source

# Calculations are cited by numbers of their own, beyond those of any passage.
FIRST_CALCULATION = 901
# What makes a share or another scale of numbers stands in no document, and what makes a mean need not.
SCALES = frozenset(map(Decimal, (100, 1_000, 1_000_000)))
COUNTS = frozenset(map(Decimal, range(1, 13)))

_UNIT = re.compile(r"%|[A-Za-z$\u20ac\u00a3 ]{0,24}")


@dataclass(frozen=True, slots=True)
class Calculation:
    """An expression and its value.

    Attributes:
        expression: As it is shown, powers as ^: two stars would be taken for emphasis and left out.
        result: With its unit, as an answer writes it.
        quotes: Sentences that its inputs stand in, each once.
    """

    expression: str
    result: str
    quotes: tuple[Quote, ...]


def calculated(expression: str, unit: str, sources: Mapping[int, Source]) -> Calculation:
    """Work an expression out.

    Args:
        expression: Arithmetic with plain numbers.
        unit: What the result counts, such as % or "million USD"; may be empty.
        sources: Passages by their numbers, in which the inputs must stand.

    Raises:
        ValueError: it cannot be worked out, or an input stands nowhere; the message is for whoever wrote it.
    """
    if not _UNIT.fullmatch(unit.strip()):
        raise ValueError("the unit is % or one or two words")
    value, numbers = evaluate(expression)
    quotes = [quote for number in sorted(numbers - SCALES) if (quote := _where(number, sources)) is not None]
    if not quotes:
        raise ValueError("no number of the expression comes from a passage")
    result = rounded(value) + (unit.strip() if unit.strip() == "%" else f" {unit.strip()}".rstrip())
    shown = " ".join(expression.replace("**", "^").split())
    return Calculation(shown, result, tuple(dict.fromkeys(quotes)))


def _where(number: Decimal, sources: Mapping[int, Source]) -> Quote | None:
    """The first sentence that a number stands in; None for a count that stands in none."""
    for place, source in sources.items():
        for sentence in source.sentences:
            if number in _numbers(sentence.text):
                return Quote(place, sentence.span, sentence.text)
    if number in COUNTS:
        return None
    where = ", ".join(map(str, sources)) or "none"
    raise ValueError(f"{number} stands in none of the passages named ({where}): write numbers as they stand there")


def _numbers(text: str) -> frozenset[Decimal]:
    """The numbers of a text as they are written and as they are meant: 5 and 5000000 for "5 million"."""
    return frozenset(number for amount in amounts_in(text) for number in _both(amount))


def _both(amount: tuple[Decimal, Decimal]) -> Iterator[Decimal]:
    written, meant = amount
    yield abs(written)
    yield abs(meant)
