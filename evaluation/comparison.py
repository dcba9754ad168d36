"""Two runs over the same questions: what is better, what is worse, and what may be chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.metrics.intervals import Difference, paired
from evaluation.metrics.summary import ERROR_RATES, by_measure
from evaluation.outcomes import Outcome


@dataclass(frozen=True)
class Comparison:
    """Differences by measure, in the order of metrics.json."""

    differences: dict[str, Difference]

    @property
    def worse(self) -> list[str]:
        """Measures that got worse beyond noise."""
        return [name for name, one in self.differences.items() if one.verdict == "worse"]


def compare(old: Sequence[Outcome], new: Sequence[Outcome]) -> Comparison:
    """Paired by question; questions that only one run asked are left out."""
    before, after = by_measure(old), by_measure(new)
    found = {
        name: paired(before[name], after[name], less_is_better=name in ERROR_RATES) for name in after if name in before
    }
    return Comparison({name: one for name, one in found.items() if one is not None})
