"""`docqa backfill`: documents of another bucket, taken in as fast as they are worked off."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json, Region, StackName
from cli.output import messages, print_json, remark, results

if TYPE_CHECKING:
    from collections.abc import Callable

    from docqa.models.backfill import Backfill

app = typer.Typer(
    help="Take documents of another bucket in (with an administrator's AWS credentials).", no_args_is_help=True
)
Identifier = Annotated[str, typer.Argument(metavar="ID", help="As `docqa backfill start` said it.")]


@app.command("start")
def start(
    source: Annotated[str, typer.Argument(metavar="s3://BUCKET/PREFIX", help="Everything below it.")],
    *,
    tenant: Annotated[str, typer.Option("--tenant", help="Whose documents they become.")],
    into: Annotated[str, typer.Option("--into", metavar="PATH", help="Where they go below the tenant.")] = "",
    follow: Annotated[bool, typer.Option("--follow", help="Show how far it is until it is through.")] = False,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Start; the same source again takes in only what is new or has changed."""
    from cli import backfills
    from cli.connection import find_stack

    found = find_stack(stack, region)
    backfill = backfills.start(found, source, tenant, into)
    remark(f"Backfill {backfill.backfill_id} has begun.")
    if follow:
        backfill = backfills.follow(found, backfill.backfill_id, _line())
    _print(backfill, as_json=as_json)


@app.command("pause")
def pause(backfill_id: Identifier, *, stack: StackName = None, region: Region = None) -> None:
    """Take nothing more in; what waits already is worked off."""
    from cli import backfills
    from cli.connection import find_stack

    backfills.pause(find_stack(stack, region), backfill_id)
    remark(f"Backfill {backfill_id} is paused: docqa backfill resume {backfill_id} goes on.")


@app.command("resume")
def resume(backfill_id: Identifier, *, stack: StackName = None, region: Region = None) -> None:
    """Go on where it stopped."""
    from cli import backfills
    from cli.connection import find_stack

    backfills.resume(find_stack(stack, region), backfill_id)
    remark(f"Backfill {backfill_id} goes on.")


@app.command("show")
def show(
    backfill_id: Identifier,
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Until it is through, or paused.")] = False,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """How far it is, how fast, and how long it will go on."""
    from cli import backfills
    from cli.connection import find_stack

    found = find_stack(stack, region)
    backfill = backfills.follow(found, backfill_id, _line()) if follow else backfills.show(found, backfill_id)
    _print(backfill, as_json=as_json)


def _line() -> Callable[[Backfill], None]:
    """A line whenever something has changed."""
    last = ""

    def look(backfill: Backfill) -> None:
        nonlocal last
        now = f"{backfill.status}: {_through(backfill):,} of {backfill.listed:,} objects"
        if now != last:
            last = now
            messages().print(now)

    return look


def _through(backfill: Backfill) -> int:
    return backfill.copied + backfill.unchanged + backfill.refused


def _print(backfill: Backfill, *, as_json: bool) -> None:
    from cli.backfills import objects_a_second, seconds_left
    from cli.output import literal, one_line
    from cli.views import table

    now = time.time()
    rate, left = objects_a_second(backfill, now), seconds_left(backfill, now)
    if as_json:
        print_json({**asdict(backfill), "objects_a_second": round(rate, 2), "seconds_left": left})
        return
    rows = table("backfill", backfill.backfill_id)
    facts = {
        "from": f"s3://{backfill.bucket}/{backfill.prefix}",
        "to": f"{backfill.tenant}/{backfill.into}",
        "status": backfill.status.value,
        "objects": f"{_through(backfill):,} of {backfill.listed:,}",
        "taken in, there already, refused": f"{backfill.copied:,}, {backfill.unchanged:,}, {backfill.refused:,}",
        "objects a second": f"{rate:.1f}",
        "time left": "not known yet" if left is None else f"{left / 60:.0f} minutes",
    }
    for name, value in facts.items():
        rows.add_row(literal(name), literal(one_line(value)))
    results().print(rows)
