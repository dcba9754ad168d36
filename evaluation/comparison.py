"""Two runs over the same questions: what is better, what is worse, and what may be chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.metrics.intervals import Difference, paired
from evaluation.metrics.summary import ERROR_RATES, by_measure
from evaluation.outcomes import Outcome


@dataclass(frozen=True)
class Comparison:
    """Differences by measure, in the order of metrics.json.

    Attributes:
        questions: That both runs asked.
    """

    questions: int
    differences: dict[str, Difference]

    @property
    def worse(self) -> list[str]:
        """Measures that got worse beyond noise."""
        return [name for name, one in self.differences.items() if one.verdict == "worse"]


def compare(old: Sequence[Outcome], new: Sequence[Outcome]) -> Comparison:
    """Paired by question; questions that only one run asked, in these words under this id, are left out."""
    both = {_identity(one) for one in old} & {_identity(one) for one in new}
    before, after = (by_measure([one for one in run if _identity(one) in both]) for run in (old, new))
    found = {
        name: paired(before[name], after[name], less_is_better=name in ERROR_RATES) for name in after if name in before
    }
    return Comparison(len(both), {name: one for name, one in found.items() if one is not None})


def _identity(outcome: Outcome) -> tuple[str, str]:
    return outcome.question.id, outcome.question.question
