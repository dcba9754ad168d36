"""The figures that are published: published.json, and docs/load.md that `make docs` makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.checks import table
from benchmarks.load import assumed, plots, quotas, targets
from benchmarks.load.parts import PARTS
from devstack.settings import REPOSITORY

PUBLISHED = Path(__file__).with_name("published.json")
PLOTS = REPOSITORY / "docs" / "load"
PAGE = "docs/load.md"


def publish(results: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep these figures in the repository, beside those of parts that were not measured this time; draw them."""
    known = json.loads(PUBLISHED.read_text("utf-8")) | dict(results)
    ordered = {part.name: known[part.name] for part in PARTS if part.name in known}
    PUBLISHED.write_text(json.dumps(ordered, indent=2) + "\n", "utf-8")
    if "crossover" in ordered:
        plots.draw(ordered["crossover"], PLOTS)


def pages() -> dict[str, str]:
    """The page of heavy loads."""
    return {PAGE: "\n".join(lines(json.loads(PUBLISHED.read_text("utf-8"))))}


def lines(known: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """Targets first, then every part that was published."""
    yield "# Heavy loads, measured"
    yield ""
    yield "Generated from [published figures](../benchmarks/load/published.json) of `make bench-load`: `make docs`."
    yield "In process, without a network: the shipped adapters, rules of calling, dispatch and routing, over clients"
    yield "that count. Nothing of it was run on AWS."
    yield ""
    yield from table(
        [
            (part.name, check)
            for part in PARTS
            if part.name in known
            for check in targets.checks_of(part.name, known[part.name])
        ]
    )
    if missing := [part.name for part in PARTS if part.name not in known]:
        yield ""
        yield f'Not published yet: {", ".join(missing)} (`make bench-load ARGS="--only NAME"`).'
    for part in PARTS:
        if part.name in known:
            yield from _section(part.title, part.name, known[part.name], part.table(known[part.name]))


def _section(title: str, name: str, result: Mapping[str, Any], shown: list[str]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield f"`{name}`, {result['date']}."
    yield ""
    yield from shown
    yield ""
    if name == "crossover":
        for kind in result["loads"]:
            yield f"![USD and seconds over records, {kind}](load/{kind}.svg)"
        yield ""
        yield f"Assumed, {assumed.assumptions()['date']} ([file](../benchmarks/load/assumptions.json)):"
        yield ""
        yield from assumed.lines()
    if name == "paper":
        yield from quotas.lines()
