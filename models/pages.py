"""The tables of models/README.md: modes, containers, parameters, and what an hour costs. Part of `make docs`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from docqa.domain.pricing import instance_hours_usd, serverless_usd
from models import deployments, matrix
from tools.configuration import parameter_groups

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- {}: written by make docs -->", "<!-- /{} -->"
HOURS_A_MONTH, SECONDS_AN_HOUR, MEGABYTES_A_GIGABYTE = 730, 3600, 1024
SERVERLESS_MEGABYTES = (1024, 2048, 3072, 4096, 5120, 6144)


def pages() -> dict[str, str]:
    """The page with its tables."""
    prices: dict[str, Any] = json.loads(files("docqa").joinpath("prices.json").read_text("utf-8"))
    found = matrix.load()
    text = README.read_text()
    for name, lines in (
        ("modes", _modes(found)),
        ("matrix", _matrix(found)),
        ("costs", _costs(found, prices)),
        ("parameters", _parameters()),
    ):
        text = _with_table(text, name, list(lines))
    return {"models/README.md": text}


def _modes(found: matrix.Matrix) -> Iterator[str]:
    yield "| mode | for | largest request | longest answer | paid while nobody asks |"
    yield "|---|---|---|---|---|"
    for mode in found.modes.values():
        small = mode.payload_mb < MEGABYTES_A_GIGABYTE
        size = f"{mode.payload_mb} MB" if small else f"{mode.payload_mb // MEGABYTES_A_GIGABYTE} GB"
        seconds = f"{mode.seconds} s" if mode.seconds < SECONDS_AN_HOUR else f"{mode.seconds // SECONDS_AN_HOUR} h"
        yield f"| [{mode.title}]({mode.source}) | {mode.suits} | {size} | {seconds} | {mode.idle} |"


def _matrix(found: matrix.Matrix) -> Iterator[str]:
    yield "| container | models | " + " | ".join(mode.title for mode in found.modes.values()) + " |"
    yield "|---|---|" + "---|" * len(found.modes)
    for name, container in found.containers.items():
        cells = [_cell(container, mode) for mode in found.modes]
        title = f"[`{name}`]({container.source}) {container.title}"
        yield f"| {title} | {', '.join(container.tasks)} | {' | '.join(cells)} |"
    yield ""
    yield "What is refused, and why:"
    yield ""
    for name, container in found.containers.items():
        for wanted, sentence in container.refused.items():
            title = found.modes[wanted].title if wanted in found.modes else wanted
            yield f"- `{name}`, {title}: {sentence}"
    yield f"- multi-model, other instance types: {found.unshared}"


def _cell(container: matrix.Container, mode: str) -> str:
    if mode not in container.modes:
        return "no"
    processors = [one for one in container.processors if mode != "serverless" or one == "cpu"]
    return ", ".join(one.upper() for one in processors)


def _costs(found: matrix.Matrix, prices: dict[str, Any]) -> Iterator[str]:
    then = f"{prices['sagemaker']['region']}, {prices['date']}"
    yield f"| instance type | processor | memory | USD an hour, {then} | USD a month, always there |"
    yield "|---|---|---|---|---|"
    for name, instance in found.instances.items():
        gpus = f"{instance.gpus} GPU{'s' if instance.gpus > 1 else ''}" if instance.gpus else "CPU"
        hour, month = instance_hours_usd(name, 1), instance_hours_usd(name, HOURS_A_MONTH)
        yield f"| `{name}` | {gpus} | {instance.memory_gib} GiB | {hour:.4f} | {month:,.2f} |"
    yield ""
    yield f"| memory of a serverless endpoint | USD an hour of work, {then} | USD an hour without work |"
    yield "|---|---|---|"
    for megabytes in SERVERLESS_MEGABYTES:
        yield f"| {megabytes} MB | {serverless_usd(megabytes, SECONDS_AN_HOUR):.4f} | 0 |"


def _parameters() -> Iterator[str]:
    for group in parameter_groups(dict(deployments.template())):
        yield from group.splitlines()
        yield ""


def _with_table(text: str, name: str, lines: list[str]) -> str:
    begin, end = BEGIN.format(name), END.format(name)
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return "\n".join([before + begin, *lines, end]) + after


if __name__ == "__main__":
    print(pages()["models/README.md"])
