"""Why a question counts as a miss, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.metrics.answers import answer_measures
from evaluation.metrics.citations import citation_measures
from evaluation.metrics.ranking import document_ranks, page_ranks, passage_ranks
from evaluation.outcomes import Outcome

KINDS = {
    "failed": "could not be asked",
    "lost": "gold not found in the pages as read",
    "false_answer": "answered, though the documents do not hold the answer",
    "false_abstention": "refused, though the documents hold the answer",
    "hard": "would be answered with its gold passages taken away",
    "document": "right document not first",
    "page": "right page not first",
    "passage": "right passage not first",
    "containment": "answer not in what was said",
    "precision": "a citation is not on its page, or does not support its sentence",
    "recall": "no citation is taken from the gold",
}
"""Every kind of miss, and what it means."""


def misses(outcome: Outcome) -> dict[str, str]:
    """Reasons by kind; none: nothing to complain of."""
    return {kind: reason for kind, reason in _all(outcome) if reason}


def _all(outcome: Outcome) -> Iterator[tuple[str, str]]:
    yield "failed", outcome.error
    yield "lost", "; ".join(f"an excerpt of {gold.document}" for gold in outcome.gold if gold.lost)
    yield from _decision(outcome)
    for kind, ranks in (
        ("document", document_ranks(outcome)),
        ("page", page_ranks(outcome)),
        ("passage", passage_ranks(outcome)),
    ):
        yield kind, _rank(ranks)
    if answer_measures(outcome).get("containment") == 0 and outcome.answered:
        yield "containment", f"none of {', '.join(outcome.question.answers)} is in the answer that was judged"
    cited = citation_measures(outcome)
    if cited.get("precision", 1) < 1:
        yield "precision", f"precision {cited['precision']:.2f}"
    if cited.get("recall", 1) < 1 and outcome.answered:
        yield "recall", "no quote holds the gold"


def _decision(outcome: Outcome) -> Iterator[tuple[str, str]]:
    sure = f"confidence {outcome.confidence:.2f}"
    if outcome.answered and not outcome.question.answerable:
        yield "false_answer", sure
    if outcome.question.answerable and not outcome.answered and not outcome.error:
        yield "false_abstention", f"{sure}; {outcome.reason}"
    if outcome.hard_answered:
        yield "hard", f"confidence {outcome.hard_confidence or 0:.2f} without them"


def _rank(ranks: list[int | None] | None) -> str:
    if not ranks or 1 in ranks:
        return ""
    found = [rank for rank in ranks if rank is not None]
    return f"first at rank {min(found)}" if found else "not among the first ten"
