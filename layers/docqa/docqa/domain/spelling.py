"""Misspelt words of a question, told by what stands in the passages that were found for it.

`ARPNET` stands nowhere, and `ARPANET` in passages that the question's other words have found: it is what was meant. The
rough stems of a word and its relatives meet too (`began`, `begin`). A word that stands in one of these passages is
never changed. It is a guess: `Hansen` may be no `Hanson`, so the confidence counts the word as unknown all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

# Of shorter words every other one has a neighbour.
_SHORTEST = 5
# From this length on two letters may be wrong.
_LONG = 8
# No word that people write is longer; comparing strings that somebody made up for it would take seconds.
_LONGEST = 30
# More words that stand nowhere are no slips, but about something else; and each costs a look at every term.
_MOST_UNKNOWN = 8


def respelled(asked: Sequence[str], found: Sequence[frozenset[str]]) -> dict[str, str]:
    """Terms that stand in none of the passages, by what they are most likely meant to be.

    Args:
        asked: Terms of the question.
        found: Terms of each passage, those above it included.
    """
    unknown = {term for term in asked if _SHORTEST <= len(term) <= _LONGEST and term.isalpha()}.difference(*found)
    if not 0 < len(unknown) <= _MOST_UNKNOWN:
        return {}
    # What the question says itself is something else: who asks about Slovakia and Slovenia means both.
    passages = Counter(term for terms in found for term in terms.difference(asked))
    meant = {term: _nearest(term, passages) for term in sorted(unknown)}
    return {term: other for term, other in meant.items() if other}


def _nearest(term: str, passages: Counter[str]) -> str:
    """The term with the fewest letters that differ, of those the one in most passages; empty: none is near."""
    most = 2 if len(term) >= _LONG else 1
    near = [
        (letters, -count, other)
        for other, count in passages.items()
        # A first letter is hardly ever wrong, and this leaves one word in twenty to compare.
        if other[0] == term[0] and abs(len(other) - len(term)) <= most and other.isalpha()
        if (letters := differing_letters(term, other, most)) <= most
    ]
    return min(near, default=(0, 0, ""))[2]


def differing_letters(one: str, other: str, most: int) -> int:
    """Letters that are wrong, lacking or too many; two that are swapped count once (optimal string alignment).

    Returns:
        At most `most` + 1.
    """
    above: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        below = [n]
        for m, beside in enumerate(other, 1):
            changed = row[m - 1] + (letter != beside)
            swapped = n > 1 and m > 1 and letter == other[m - 2] and one[n - 2] == beside
            below.append(min(row[m] + 1, below[m - 1] + 1, changed, *([above[m - 2] + 1] if swapped else [])))
        if min(below) > most:
            return most + 1
        above, row = row, below
    return min(row[-1], most + 1)
