"""`python -m benchmarks.load`: measure heavy loads. All but the part `live` run in process, without the cloud.

Every part writes its figures to build/bench/load/<part>.json as soon as it is done. The run fails when a part misses
one of its targets (targets.py). `--publish` keeps the figures for docs/load.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.checks import Check, exit_code, wide_console
from benchmarks.load import plots
from benchmarks.load.parts import PARTS, Choices, Part
from benchmarks.load.published import publish
from benchmarks.load.targets import checks_of
from cli.errors import CommandError
from devstack.settings import REPOSITORY

RESULTS = REPOSITORY / "build" / "bench" / "load"


def main(arguments: list[str] | None = None) -> int:
    """Measure, write, report.

    Returns:
        0; 1 with a sentence if something is not there; checks.TARGET_MISSED with the targets that were missed.
    """
    chosen = _parser().parse_args(arguments)
    console = wide_console()
    try:
        if chosen.publish:
            publish(_results())
            console.print("Published: run make docs.", markup=False)
            return 0
        checks = [(part.name, one) for part in _parts(chosen.only) for one in _measure(part, chosen, console)]
    except CommandError as error:
        print(f"make bench-load: {error}", file=sys.stderr)
        return 1
    return exit_code(checks)


def _measure(part: Part, chosen: argparse.Namespace, console: Console) -> list[Check]:
    """Measure a part and write its figures; its targets."""
    console.print(f"[bold]{part.title}[/bold] ({part.name})")
    result = part.measure(Choices(chosen.embedding_model, chosen.documents, chosen.seconds))
    stamped = {"date": dt.datetime.now(dt.UTC).date().isoformat(), **result}
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{part.name}.json").write_text(json.dumps(stamped, indent=2) + "\n")
    if part.name == "crossover":
        plots.draw(stamped, RESULTS)
    for line in part.table(stamped):
        console.print(line, markup=False, soft_wrap=True)
    checks = checks_of(part.name, stamped)
    for check in checks:
        console.print(f"  {check.verdict}: {check}", markup=False, soft_wrap=True)
    return checks


def _parts(names: list[str] | None) -> list[Part]:
    """Those that are named, else all that need no cloud."""
    return [part for part in PARTS if (part.name in names if names else not part.live)]


def _results() -> dict[str, dict[str, Any]]:
    found = {
        part.name: json.loads(file.read_text()) for part in PARTS if (file := RESULTS / f"{part.name}.json").exists()
    }
    if not found:
        raise CommandError("Nothing was measured yet: run make bench-load.")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--only", action="append", choices=[part.name for part in PARTS], help="this part; repeatable")
    parser.add_argument("--embedding-model", type=Path, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--documents", type=int, default=500, help="how many the live part drops (500)")
    parser.add_argument("--seconds", type=float, default=1800.0, help="the longest that it may take (1800)")
    parser.add_argument("--publish", action="store_true", help="measure nothing; keep the figures for docs/load.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
