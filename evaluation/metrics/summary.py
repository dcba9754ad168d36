"""metrics.json: every measure over all questions. A mean never leaves out what failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.metrics.abstention import abstention_measures, hard_measures
from evaluation.metrics.answers import answer_measures
from evaluation.metrics.calibration import expected_calibration_error, pairs
from evaluation.metrics.citations import citation_measures
from evaluation.metrics.excerpts import excerpt_measures
from evaluation.metrics.ranking import CUTS, document_ranks, page_ranks, passage_ranks, rank_measures
from evaluation.outcomes import Outcome

Measures = dict[str, float]

_RANKED = (*(f"hit@{cut}" for cut in CUTS), "mrr@10", "ndcg@10")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "passage": _RANKED,
    "page": _RANKED,
    "document": _RANKED,
    "excerpts": ("recall", "precision", "iou"),
    "answers": ("containment", "token_f1", "exact_match"),
    "citations": ("precision", "recall"),
    "abstention": ("false_answer_rate", "false_abstention_rate"),
}
"""Measures by group, as they are called in metrics.json."""

ERROR_RATES = frozenset({"abstention.false_answer_rate", "abstention.false_abstention_rate", "hard.false_answer_rate"})
"""Measures of which less is better."""

_DIGITS = 4


def measures(outcome: Outcome) -> Measures:
    """Everything that can be said about one question, by `group.measure`; what does not apply is left out."""
    found = {
        **{
            group: rank_measures(ranks)
            for group, ranks in (
                ("passage", passage_ranks(outcome)),
                ("page", page_ranks(outcome)),
                ("document", document_ranks(outcome)),
            )
            if ranks is not None
        },
        "excerpts": excerpt_measures(outcome),
        "answers": answer_measures(outcome),
        "citations": citation_measures(outcome),
        "abstention": abstention_measures(outcome),
        "hard": hard_measures(outcome),
        "judge": {} if outcome.agrees is None else {"agreement": float(outcome.agrees)},
    }
    return {f"{group}.{name}": value for group, values in found.items() for name, value in values.items()}


def by_measure(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Value by question's id, for each measure."""
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for outcome in outcomes:
        for name, value in measures(outcome).items():
            table[name][outcome.question.id] = value
    return table


def metrics(outcomes: Sequence[Outcome], counts: Mapping[str, int], unread: Mapping[str, str]) -> dict[str, Any]:
    """The content of metrics.json; null where a set has no question of the kind.

    Args:
        outcomes: Of every question that was asked.
        counts: Of documents, pages and passages.
        unread: Why documents could not be ingested, by path.
    """
    table = by_measure(outcomes)
    means = {
        group: {name: _mean(list(table.get(f"{group}.{name}", {}).values())) for name in names}
        for group, names in GROUPS.items()
    }
    return {
        **means,
        "calibration": {"ece": _rounded(expected_calibration_error(pairs(outcomes)))},
        "latency_ms": latency(outcomes),
        "cost_usd": {"per_question": _mean([one.usd for one in outcomes], 9)},
        "counts": {**question_counts(outcomes), **counts},
        "failures": {
            "questions": {one.question.id: one.error for one in outcomes if one.error},
            "documents": dict(unread),
        },
    }


def question_counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many there are of what."""
    kinds: Mapping[str, Callable[[Outcome], bool]] = {
        "questions": lambda _: True,
        "answerable": lambda one: one.question.answerable,
        "unanswerable": lambda one: not one.question.answerable,
        "answered": lambda one: one.answered,
        "abstained": lambda one: one.status == "abstained",
        "failed": lambda one: bool(one.error) or one.status == "failed",
        "written_by_a_model": lambda one: bool(one.model),
        "gold_not_found_in_pages": lambda one: any(gold.lost for gold in one.gold),
    }
    return {name: sum(map(is_one, outcomes)) for name, is_one in kinds.items()}


def latency(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Milliseconds by stage, 50th and 95th percentile of the questions that passed it."""
    stages: dict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        for stage, milliseconds in outcome.milliseconds.items():
            stages[stage].append(milliseconds)
    return {
        stage: {"p50": round(float(np.median(values)), 1), "p95": round(float(np.quantile(values, 0.95)), 1)}
        for stage, values in sorted(stages.items())
    }


def _mean(values: Sequence[float], digits: int = _DIGITS) -> float | None:
    return _rounded(float(np.mean(values)), digits) if values else None


def _rounded(value: float | None, digits: int = _DIGITS) -> float | None:
    return None if value is None else round(value, digits)
