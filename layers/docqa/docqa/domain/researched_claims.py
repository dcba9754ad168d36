"""Check a researched answer: sentence by sentence as any answer, but for numbers that were worked out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from docqa.domain.answer_lines import tables_as_lists
from docqa.domain.calculations import Calculation
from docqa.domain.quantities import quantities, without_amounts
from docqa.domain.terms import terms
from docqa.domain.verification import Judged, cited_sentences, judged_sentences
from docqa.models.chunk import ScoredChunk

_BEFORE_STOP = re.compile(r"\s+(?=[.!?]$)")


def judged_findings(
    answer: str, question: str, passages: Sequence[ScoredChunk], calculations: Mapping[int, Calculation]
) -> list[Judged]:
    """Every sentence of the answer: those that stand, and why the others do not.

    A number that a cited calculation gives needs no source, but the calculation's inputs are quoted, and it is shown
    behind the sentence. Everything else is verified as in `judged_sentences`.

    Args:
        answer: What the agent wrote, without its reasoning.
        question: Its words need no source.
        passages: Everything that was shown to the agent, in the order of its numbers.
        calculations: By the numbers that they are cited with.
    """
    judged: list[Judged] = []
    told: set[str] = set()
    for sentence, cited, listed in cited_sentences(tables_as_lists(answer)):
        used = [calculations[number] for number in dict.fromkeys(cited) if number in calculations]
        # A result at the end of its sentence leaves a space before the full stop.
        plain = _BEFORE_STOP.sub("", without_amounts(sentence, _results(used))) if used else sentence
        inputs = [quote for calculation in used for quote in calculation.quotes]
        numbers = dict.fromkeys([*(n for n in cited if n not in calculations), *(quote.number for quote in inputs)])
        written = ("- " if listed else "") + plain + "".join(f" [{number}]" for number in numbers)
        found = judged_sentences(written, question, passages)
        claims = [one.claim for one in found if one.claim is not None]
        if [claim.text for claim in claims] != [plain]:
            removed = next((one.removed for one in found if one.removed), "it is no sentence of its own")
            judged.append(Judged(sentence, cited, removed=removed))
        elif plain not in told:
            told.add(plain)
            quotes = tuple(dict.fromkeys([*claims[0].quotes, *inputs]))
            worked_out = frozenset(term for calculation in used for term in terms(calculation.result))
            shown = replace(
                claims[0],
                text=_with_workings(sentence, used),
                quotes=quotes,
                borne_out=claims[0].borne_out | worked_out,
            )
            judged.append(Judged(sentence, cited, claim=shown))
    return judged


def _results(used: Sequence[Calculation]) -> frozenset[str]:
    """The results as amounts; "fell by 5 %" tells of -5 %."""
    amounts = frozenset().union(*(quantities(calculation.result) for calculation in used))
    return amounts | frozenset(amount.removeprefix("-") for amount in amounts)


def _with_workings(sentence: str, used: Sequence[Calculation]) -> str:
    if not used:
        return sentence
    return f"{sentence} ({'; '.join(f'{calculation.expression} = {calculation.result}' for calculation in used)})"
