"""`python -m benchmarks.ingest`: measure ingestion on the running one-machine cloud (`make up` or `make demo` first).

Every part writes its figures to build/bench/ingest/<part>.json as soon as it is done, so that a run that was stopped
goes on with `--missing`; report.md and the plots are made of whatever figures are there.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.ingest.bench import Bench, Choices
from benchmarks.ingest.parts import PARTS, Part
from benchmarks.ingest.report import RESULTS, readme_table, results_in, write_report
from cli.connection import connect, find_stack
from cli.errors import CommandError
from cli.output import WIDTH_WITHOUT_TERMINAL
from devstack.settings import DevstackSettings


def main(arguments: list[str] | None = None) -> int:
    """Measure, write, report; 1 with a sentence if something is not there."""
    chosen = _parser().parse_args(arguments)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    try:
        if chosen.readme:
            print("\n".join(readme_table(results_in(RESULTS))))
            return 0
        if not chosen.report:
            _measure(chosen, console)
        console.print(f"The report is {write_report(RESULTS)}.", markup=False)
    except CommandError as error:
        print(f"make bench-ingest: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(chosen: argparse.Namespace, console: Console) -> None:
    sizes = tuple(sorted(chosen.sizes))
    choices = Choices(chosen.data, chosen.recordings, chosen.documents, chosen.capacity, sizes, chosen.seconds)
    settings = DevstackSettings.from_environment(os.environ)
    RESULTS.mkdir(parents=True, exist_ok=True)
    stack = find_stack(None, None)
    for part in _parts(chosen):
        console.print(f"[bold]{part.title}[/bold] ({part.name})")
        # Each part signs in anew: a long one outlasts a token.
        with connect(None, None) as api:
            result = part.measure(Bench(stack, settings, api, console, choices))
        # The command, without a path of this machine.
        asked = {"documents": choices.documents, "sizes": list(choices.sizes), "real_files": choices.data is not None}
        stamped = {"date": dt.datetime.now(dt.UTC).date().isoformat(), "choices": asked, **result}
        (RESULTS / f"{part.name}.json").write_text(json.dumps(stamped, indent=2) + "\n")
        for line in part.table(stamped)[:30]:
            console.print(line, markup=False)


def _parts(chosen: argparse.Namespace) -> list[Part]:
    wanted = [part for part in PARTS if not chosen.only or part.name in chosen.only]
    if chosen.missing:
        wanted = [part for part in wanted if not (RESULTS / f"{part.name}.json").exists()]
    return [part for part in wanted if chosen.data is not None or chosen.only or not part.needs_data]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parser.add_argument("--only", action="append", choices=[part.name for part in PARTS], help="this part; repeatable")
    parser.add_argument("--missing", action="store_true", help="only parts without figures")
    parser.add_argument("--data", type=Path, help="folder of real files: qa/filings, pdf_odd, office, receipts …")
    parser.add_argument("--recordings", type=Path, help="folder of recorded Textract responses")
    parser.add_argument("--documents", type=int, default=Choices.documents, help="how many the burst drops at once")
    parser.add_argument("--capacity", type=int, default=Choices.capacity, help="how many of them may be in flight")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(Choices.sizes), help="pages of the sized documents"
    )
    parser.add_argument("--seconds", type=float, default=Choices.seconds, help="the longest that one load may take")
    parser.add_argument("--report", action="store_true", help="measure nothing; write the report again")
    parser.add_argument("--readme", action="store_true", help="measure nothing; print the README's table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
