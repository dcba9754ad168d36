"""`docqa eval`: how good the answers are, on a set of questions whose answers are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import UsageError
from cli.options import Json
from cli.output import messages, print_json, results

if TYPE_CHECKING:
    from evaluation.local.corpus import Progress
    from evaluation.run import Plan


class Mode(StrEnum):
    """Who writes the answers."""

    QUOTED = "quoted"
    GENERATED = "generated"


def evaluate(
    dataset: Annotated[Path, typer.Argument(help="Folder with documents/ and questions.jsonl.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder for figures, plots and the report.")],
    mode: Annotated[Mode, typer.Option("--mode", help="Quote the evidence, or let a chat model write.")] = Mode.QUOTED,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="So many questions, the same ones every time.")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=16, help="Questions at once; more of them distort the latency.")
    ] = 1,
    threshold: Annotated[
        float | None, typer.Option("--threshold", min=0, max=1, help="Least confidence to answer with.")
    ] = None,
    hard: Annotated[
        bool, typer.Option("--hard/--no-hard", help="Ask again with only the gold passages taken away.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Ingest a question set in this process, ask its questions, and say how good the answers are."""
    if not (dataset / "questions.jsonl").is_file() or not (dataset / "documents").is_dir():
        raise UsageError(f"{dataset} is no question set: it needs documents/ and questions.jsonl.")
    from evaluation.run import Plan

    _run(Plan(dataset, out, mode is Mode.GENERATED, limit, hard, workers, threshold), as_json)


def _run(plan: Plan, as_json: bool) -> None:
    from evaluation.local.machine import machine
    from evaluation.run import evaluate as run

    with machine(plan.cache) as here, _progress() as progress:
        result = run(plan, here, progress)
    if as_json:
        print_json(result.metrics)
    else:
        results().print(result.metrics)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Bars on the terminal, one a stage."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=messages()) as bars:

        def show(items: Iterable[str], title: str, total: int) -> Iterable[str]:
            return bars.track(items, total=total, description=title)

        yield show
