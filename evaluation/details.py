"""details.json: how sure the figures are, and what metrics.json has no name for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from evaluation.gold import Pages
from evaluation.metrics.abstention import curve
from evaluation.metrics.answers import QUOTES_JUDGED, can_be_contained
from evaluation.metrics.calibration import expected_calibration_error, pairs, reliability
from evaluation.metrics.citations import numbers_on_page
from evaluation.metrics.intervals import mean_interval, resampled_rows
from evaluation.metrics.ranking import document_ranks
from evaluation.metrics.summary import by_measure
from evaluation.outcomes import Outcome
from evaluation.question_sets import holds_answer

_FIRST = 5


def details(outcomes: Sequence[Outcome], corpus: Pages, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Everything beside metrics.json.

    Returns:
        settings: what was run; intervals: mean, 95 % interval and number of questions of each measure, the hard kind
        among them; curve: error rates over the threshold; calibration: its interval and bins; beside: figures that
        help to understand the others.
    """
    rows = pairs(outcomes)
    return {
        "settings": dict(settings),
        "intervals": intervals(outcomes),
        "curve": asdict(curve(outcomes)),
        "calibration": {
            "ece": expected_calibration_error(rows),
            "interval": _listed(resampled_rows(rows, expected_calibration_error)),
            "bins": [asdict(one) for one in reliability(rows)] if len(rows) else [],
        },
        "beside": {
            "containment_whatever_the_confidence": _containment_of_evidence(outcomes),
            "numbers_of_answers_on_the_cited_page": _numbers(outcomes, corpus),
            "all_documents_among_the_first_five_of_single_document_questions": _all_documents(outcomes, single=True),
            "all_documents_among_the_first_five_of_multi_document_questions": _all_documents(outcomes, single=False),
        },
    }


def intervals(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """Mean over questions of each measure, with its bootstrap interval."""
    return {
        name: {
            "mean": round(float(np.mean(list(values.values()))), 4),
            "interval": _listed(mean_interval(list(values.values()))),
            "questions": len(values),
        }
        for name, values in by_measure(outcomes).items()
    }


def _containment_of_evidence(outcomes: Sequence[Outcome]) -> float | None:
    """Share of short answers that stand in the two best sentences, also where the confidence was too low to answer.

    None where the sentences cannot be seen: a deployed stack tells none.
    """
    asked = [one for one in outcomes if one.ranked and one.question.answerable and can_be_contained(one)]
    held = [
        holds_answer(one.question, list(dict.fromkeys(sentence.text for sentence in one.evidence))[:QUOTES_JUDGED])
        for one in asked
    ]
    return round(float(np.mean(held)), 4) if held else None


def _all_documents(outcomes: Sequence[Outcome], *, single: bool) -> dict[str, float | int | None]:
    """Whether every document that a question needs is there, of questions that need one, or several."""
    found = [ranks for ranks in map(document_ranks, outcomes) if ranks and (len(ranks) == 1) is single]
    complete = [all(rank is not None and rank <= _FIRST for rank in ranks) for ranks in found]
    return {"share": round(float(np.mean(complete)), 4) if complete else None, "questions": len(complete)}


def _numbers(outcomes: Sequence[Outcome], corpus: Pages) -> dict[str, float | int | None]:
    counted = [numbers_on_page(one, corpus) for one in outcomes if one.answered]
    right, total = (sum(one[at] for one in counted) for at in (0, 1))
    return {"share": round(right / total, 4) if total else None, "numbers": total}


def _listed(interval: Any) -> list[float] | None:
    return None if interval is None else [round(interval.low, 4), round(interval.high, 4)]
