"""Fit the confidence of answers: `python -m evaluation.fit_confidence --data FOLDER`.

Ingests the question sets below FOLDER (squad, filings, excerpts) as `docqa eval` does, asks every question, and fits
layers/docqa/docqa/confidence.json. Prints the rates of false answers and false abstentions out of fold.

Beside the questions that their set calls unanswerable, answerable ones are asked again without the documents that
answer them, and, for the hard kind that is only reported, without the very passages. Every set counts alike, and in
each the answerable ones weigh as they do among questions that people ask (evaluation/calibration.py).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import docqa
from cli.commands.evaluate import progress_bars
from evaluation.calibration import Measured, calibrate
from evaluation.local.answering import LocalAnswering
from evaluation.local.corpus import Progress, prepare
from evaluation.local.machine import DIMENSIONS, EMBEDDING_MODEL, Machine, machine
from evaluation.measured_questions import Measuring
from evaluation.question_sets import QuestionSet

SETS = ("squad", "filings", "excerpts")
# Left out of a fit is what makes it worse out of fold (docs/decisions/0066).
NOT_WITH_COSINE = frozenset({"same_document", "unknown"})
NOT_WITHOUT_COSINE = frozenset({"best_passage_cosine", "cosine_lead"})
DATA_FILE = Path(docqa.__file__).with_name("confidence.json")


def main() -> None:
    """Ask, fit, report; write the data file when asked to."""
    options = _options()
    with machine() as here, progress_bars() as progress:
        measured = [one for name in SETS for one in _measured(options.data / name, here, progress)]
    console = Console()
    data = _fit_all(measured, console)
    if options.write:
        DATA_FILE.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        console.print("confidence.json is written")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation.fit_confidence", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with squad, filings and excerpts")
    parser.add_argument("--write", action="store_true", help="write confidence.json")
    return parser.parse_args()


def _measured(folder: Path, here: Machine, progress: Progress) -> Iterator[Measured]:
    corpus = prepare(folder.name, folder, here, progress)
    measuring = Measuring(folder.name, corpus, LocalAnswering(here, corpus))
    questions = QuestionSet(folder.name, folder).questions()
    for question in progress(questions, f"questions of {folder.name}", len(questions)):
        yield from measuring.measure(question)


def _fit_all(measured: Sequence[Measured], console: Console) -> dict[str, Any]:
    """The data file: one calibration with cosines, for the model that was measured, and one without, for any other."""
    names = frozenset(measured[0].features)
    with_cosine = calibrate(measured, sorted(names - NOT_WITH_COSINE))
    without = calibrate(measured, sorted(names - NOT_WITHOUT_COSINE))
    console.print(_rates_table(with_cosine["out_of_fold"], "with cosines"))
    console.print(_rates_table(without["out_of_fold"], "without cosines"))
    return {
        "date": time.strftime("%Y-%m-%d"),
        "with_cosine": {"measured_under": [{"model": EMBEDDING_MODEL, "dimensions": DIMENSIONS}], **with_cosine},
        "without_cosine": without,
    }


def _rates_table(rates: dict[str, dict[str, Any]], title: str) -> Table:
    table = Table("set", *next(iter(rates.values())), title=f"{title}, out of fold")
    for name, measured in rates.items():
        table.add_row(name, *(str(value) for value in measured.values()))
    return table


if __name__ == "__main__":
    main()
