"""`make eval-check`: fails when a change made answers worse beyond noise, on a small set that travels with the project.

The set (evaluation/check) asks the demo's documents. baseline.json holds the value of each question in each headline
measure; a run is compared with it question by question, so that a few questions more or less are told from noise.
`python -m evaluation.regression --write` makes today's values the baseline: a decision, to be said in the commit.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evaluation.local.corpus import Item
from evaluation.local.machine import CACHE, Machine, machine
from evaluation.metrics.intervals import Difference, paired
from evaluation.metrics.summary import ERROR_RATES, by_measure
from evaluation.outcomes import Outcome
from evaluation.run import Plan, evaluate

SET = Path(__file__).with_name("check")
BASELINE = SET / "baseline.json"
HEADLINES = (
    "document.hit@1", "page.hit@1", "page.hit@5", "passage.hit@1", "passage.hit@5", "passage.mrr@10",
    "excerpts.recall", "answers.containment", "citations.precision", "citations.recall",
    "abstention.false_answer_rate", "abstention.false_abstention_rate",
)  # fmt: skip
"""What must not get worse."""

_DIGITS = 4


def main() -> int:
    """Run, compare, print; 1 when a headline figure got worse."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="make these figures the baseline")
    options = parser.parse_args()
    with machine(CACHE) as here:
        outcomes = ask(here)
    if options.write:
        write_baseline(outcomes, BASELINE)
        return 0
    differences = against(json.loads(BASELINE.read_text(encoding="utf-8")), outcomes)
    Console().print(_table(differences))
    worse = worsened(differences)
    for name in worse:
        print(f"{name} got worse beyond noise.", file=sys.stderr)
    return int(bool(worse))


def ask(here: Machine) -> Sequence[Outcome]:
    """Every question of the small set."""
    with tempfile.TemporaryDirectory() as out:
        return evaluate(Plan(SET, Path(out), hard=False, workers=2, cache=here.cache), here, _silent).outcomes


def write_baseline(outcomes: Sequence[Outcome], file: Path) -> None:
    """Keep the value of each question in each headline measure, a line a measure."""
    table = by_measure(outcomes)
    lines = [f'"date": {json.dumps(time.strftime("%Y-%m-%d"))}']
    for name in HEADLINES:
        values = {question: round(value, _DIGITS) for question, value in table[name].items()}
        lines.append(f"{json.dumps(name)}: {json.dumps(values)}")
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def against(baseline: Mapping[str, Any], outcomes: Sequence[Outcome]) -> dict[str, Difference]:
    """The headline measures, paired with the baseline.

    Raises:
        ValueError: the baseline is of other questions.
    """
    table = by_measure(outcomes)
    found = {}
    for name in HEADLINES:
        difference = paired(baseline[name], table[name], less_is_better=name in ERROR_RATES)
        # Citations are only judged where there is an answer: which questions those are may change.
        if difference is None or (name != "citations.precision" and baseline[name].keys() != table[name].keys()):
            raise ValueError(f"{name}: the baseline is of other questions; write it again with --write")
        found[name] = difference
    return found


def worsened(differences: Mapping[str, Difference]) -> list[str]:
    """Names of what got worse beyond noise."""
    return [name for name, one in differences.items() if one.verdict == "worse"]


def _table(differences: Mapping[str, Difference]) -> Table:
    table = Table("measure", "baseline", "now", "questions", "verdict")
    for name, one in differences.items():
        table.add_row(name, f"{one.old:.3f}", f"{one.new:.3f}", str(one.questions), one.verdict)
    return table


def _silent(items: Iterable[Item], title: str, total: int) -> Iterable[Item]:  # noqa: ARG001
    return items


if __name__ == "__main__":
    sys.exit(main())
