"""How far up the right passages, pages and documents stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from evaluation.gold import Gold
from evaluation.outcomes import Outcome

CUTS = (1, 3, 5, 10)
DEPTH = 10

Item = TypeVar("Item")


def rank_measures(ranks: Sequence[int | None]) -> dict[str, float]:
    """hit@k, MRR@10 and nDCG@10 of one question.

    Args:
        ranks: For each thing that is to be found, its 1-based rank, or None. Things that were found together, in one
            passage, are one thing.
    """
    found = sorted(rank for rank in ranks if rank is not None and rank <= DEPTH)
    first = found[0] if found else math.inf
    gain = sum(1 / math.log2(rank + 1) for rank in found)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(ranks), DEPTH) + 1))
    return {
        **{f"hit@{cut}": float(first <= cut) for cut in CUTS},
        "mrr@10": 1 / first,
        "ndcg@10": gain / ideal if ideal else 0.0,
    }


def passage_ranks(outcome: Outcome) -> list[int | None] | None:
    """Ranks of the passages that hold gold; None where the set does not say what such a passage would be."""
    golds = [gold for gold in outcome.gold if gold.characters or gold.answers]
    if not golds or not outcome.ranked:
        return None
    return _together(golds, outcome.passages, lambda gold, passage: gold.is_held_by(passage.span))


def page_ranks(outcome: Outcome) -> list[int | None] | None:
    """Ranks among distinct pages; None where the set knows no pages."""
    golds = [gold for gold in outcome.gold if gold.page is not None or gold.characters]
    if not golds or not outcome.ranked:
        return None
    wanted = dict.fromkeys((gold.document, gold.page) for gold in golds)
    return [_rank(outcome.pages, page) for page in wanted]


def document_ranks(outcome: Outcome) -> list[int | None] | None:
    """Ranks among distinct documents; None where they are not known."""
    if not outcome.ranked:
        return None
    wanted = dict.fromkeys(gold.document for gold in outcome.gold)
    return [_rank(outcome.documents, document) for document in wanted] or None


def _rank(ranking: Sequence[object], wanted: object) -> int | None:
    return ranking.index(wanted) + 1 if wanted in ranking else None


def _together(golds: Sequence[Gold], ranking: Sequence[Item], holds: Callable[[Gold, Item], bool]) -> list[int | None]:
    first = [next((rank for rank, item in enumerate(ranking, 1) if holds(gold, item)), None) for gold in golds]
    return [*{rank for rank in first if rank is not None}, *(None for rank in first if rank is None)]
