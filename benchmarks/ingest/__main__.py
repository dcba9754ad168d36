"""`python -m benchmarks.ingest`: measure ingestion on the running one-machine cloud (`make up` or `make demo` first).

Every part writes its figures to build/bench/ingest/<part>.json as soon as it is done, so that a run that was stopped
goes on with `--missing`; report.md and the plots are made of whatever figures are there. The run fails when a part
misses one of its targets (targets.py). `--publish` keeps the figures for the README's table.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.checks import exit_code, wide_console
from benchmarks.ingest.bench import Bench, Choices
from benchmarks.ingest.parts import PARTS, Part
from benchmarks.ingest.published import publish
from benchmarks.ingest.report import RESULTS, checks_in, results_in, write_report
from benchmarks.ingest.targets import checks_of
from cli.connection import connect, find_stack
from cli.errors import CommandError
from devstack.settings import DevstackSettings


def main(arguments: list[str] | None = None) -> int:
    """Measure, write, report.

    Returns:
        0; 1 with a sentence if something is not there; checks.TARGET_MISSED with the targets that were missed.
    """
    chosen = _parser().parse_args(arguments)
    console = wide_console()
    try:
        measured = [] if chosen.report or chosen.publish else _measure(chosen, console)
        if chosen.publish:
            publish(results_in(RESULTS))
            console.print("Published: run make docs.", markup=False)
        console.print(f"The report is {write_report(RESULTS)}.", markup=False)
    except CommandError as error:
        print(f"make bench-ingest: {error}", file=sys.stderr)
        return 1
    results = {name: result for name, result in results_in(RESULTS).items() if name in measured}
    return exit_code(checks_in(results))


def _choices(chosen: argparse.Namespace) -> Choices:
    named = {
        "data": chosen.data,
        "recordings": chosen.recordings,
        "documents": chosen.documents,
        "capacity": chosen.capacity,
        "sizes": tuple(sorted(chosen.sizes)) if chosen.sizes else None,
        "seconds": chosen.seconds,
    }
    given = {name: value for name, value in named.items() if value is not None}
    return Choices.small(**given) if chosen.quick else Choices(**given)


def _measure(chosen: argparse.Namespace, console: Console) -> list[str]:
    """The names of the parts that were measured."""
    choices = _choices(chosen)
    settings = DevstackSettings.from_environment(os.environ)
    RESULTS.mkdir(parents=True, exist_ok=True)
    stack = find_stack(None, None)
    parts = _parts(chosen)
    for part in parts:
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
        for check in checks_of(part.name, stamped):
            console.print(f"  {check.verdict}: {check}", markup=False)
    return [part.name for part in parts]


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
    parser.add_argument("--quick", action="store_true", help="50 documents against small quotas, up to 100 pages")
    parser.add_argument("--documents", type=int, help="how many the burst drops at once (500)")
    parser.add_argument("--capacity", type=int, help="how many of them may be in flight (40)")
    parser.add_argument("--sizes", type=int, nargs="+", help="pages of the sized documents (1 10 100 1000 3000)")
    parser.add_argument("--seconds", type=float, help="the longest that one load may take (1800)")
    parser.add_argument("--report", action="store_true", help="measure nothing; write the report again")
    parser.add_argument("--publish", action="store_true", help="measure nothing; keep the figures for the README")
    return parser


if __name__ == "__main__":
    sys.exit(main())
