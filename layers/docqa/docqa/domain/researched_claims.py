"""Check a researched answer: sentence by sentence as any answer, but for numbers that were worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from docqa.domain.answer_lines import tables_as_lists
from docqa.domain.calculations import Calculation
from docqa.domain.quantities import quantities, without_amounts
from docqa.domain.verification import Claim, cited_sentences, verified_claims
from docqa.models.chunk import ScoredChunk


def researched_claims(
    answer: str, question: str, passages: Sequence[ScoredChunk], calculations: Mapping[int, Calculation]
) -> list[Claim]:
    """The sentences that stand.

    A number that a cited calculation gives needs no source, but the calculation's inputs are quoted, and it is shown
    behind the sentence. Everything else is verified as in `verified_claims`.

    Args:
        answer: What the agent wrote, without its reasoning.
        question: Its words need no source.
        passages: Everything that was shown to the agent, in the order of its numbers.
        calculations: By the numbers that they are cited with.
    """
    claims: dict[str, Claim] = {}
    for sentence, cited, listed in cited_sentences(tables_as_lists(answer)):
        used = [calculations[number] for number in dict.fromkeys(cited) if number in calculations]
        plain = without_amounts(sentence, _results(used)) if used else sentence
        inputs = [quote for calculation in used for quote in calculation.quotes]
        numbers = dict.fromkeys([*(n for n in cited if n not in calculations), *(quote.number for quote in inputs)])
        found = verified_claims(plain + "".join(f" [{number}]" for number in numbers), question, passages)
        if [claim.text for claim in found] == [plain]:
            quotes = tuple(dict.fromkeys([*found[0].quotes, *inputs]))
            shown = replace(found[0], text=_with_workings(sentence, used), quotes=quotes, listed=listed)
            claims.setdefault(plain, shown)
    return list(claims.values())


def _results(used: Sequence[Calculation]) -> frozenset[str]:
    """The results as amounts; "fell by 5 %" tells of -5 %."""
    amounts = frozenset().union(*(quantities(calculation.result) for calculation in used))
    return amounts | frozenset(amount.removeprefix("-") for amount in amounts)


def _with_workings(sentence: str, used: Sequence[Calculation]) -> str:
    if not used:
        return sentence
    return f"{sentence} ({'; '.join(f'{calculation.expression} = {calculation.result}' for calculation in used)})"
