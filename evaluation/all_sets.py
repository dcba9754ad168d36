"""`make eval`: every question set below a folder, and the figures that the README shows.

`python -m evaluation.all_sets --data FOLDER` evaluates each set of the folder (a folder with documents/ and
questions.jsonl), writes a report a set below build/eval, and the figures to evaluation/published.json, from which
`make docs` writes the README's table and docs/evaluation.md. With --limit nothing is published.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from cli.commands.evaluate import progress_bars
from cli.output import results
from devstack.settings import REPOSITORY
from evaluation.local.machine import machine
from evaluation.published import PLOTS, PUBLISHED, published
from evaluation.report.table import figures, timings
from evaluation.run import Plan, Result, evaluate

OUT = REPOSITORY / "build" / "eval"


def main() -> int:
    """Run the sets one after the other."""
    options = _options()
    folders = [folder for folder in sorted(options.data.iterdir()) if (folder / "questions.jsonl").is_file()]
    chosen = [folder for folder in folders if not options.sets or folder.name in options.sets]
    if not chosen:
        print(f"There is no question set below {options.data}: DATA=FOLDER names their folder.", file=sys.stderr)
        return 2
    with machine() as here, progress_bars() as progress:
        for folder in chosen:
            plan = Plan(folder, OUT / f"{folder.name}-{options.mode}", options.mode == "generated", limit=options.limit)
            result = evaluate(plan, here, progress)
            results().print(figures(result.metrics, result.details), timings(result.metrics))
            if options.limit is None:
                _publish(result)
    if options.limit is None:
        print("The figures are in evaluation/published.json: `make docs` puts them into the README.")
    return 0


def _publish(result: Result) -> None:
    """Put a run's figures beside those of other sets and modes."""
    known = json.loads(PUBLISHED.read_text(encoding="utf-8")) if PUBLISHED.is_file() else {}
    settings = result.details["settings"]
    known.setdefault(settings["set"], {})[settings["mode"]] = published(result.metrics, result.details)
    PUBLISHED.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if settings["mode"] == "quoted":
        PLOTS.mkdir(parents=True, exist_ok=True)
        for plot in result.plan.out.glob("*.svg"):
            shutil.copyfile(plot, PLOTS / f"{settings['set']}-{plot.name}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation.all_sets", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the question sets")
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument("--mode", choices=("quoted", "generated"), default="quoted")
    parser.add_argument("--limit", type=int, help="so many questions of each set; nothing is published then")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
