"""`docqa reprocess`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import UnavailableError, UsageError
from cli.options import Json, Region, StackName
from cli.output import print_json, remark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cli.api import Api
    from cli.reprocessing import Reprocessed


def reprocess(
    document_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", show_default=False)] = None,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Every document whose newest version failed.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every document that is not under way, for instance after an upgrade.")
    ] = False,
    before: Annotated[
        float | None,
        typer.Option("--before", metavar="SECONDS", help="With --all: only what was received before; to go on later."),
    ] = None,
    rate: Annotated[float, typer.Option("--rate", min=0.1, max=50, help="Documents a second at most.")] = 5.0,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Process documents again from the files that are there; until that is done, the old version answers."""
    from cli.connection import connect
    from cli.reprocessing import Reprocessed, all_documents, exit_error, failed_documents

    if sum((bool(document_ids), failed, everything)) != 1:
        raise UsageError("Name documents, or say --failed or --all: one of the three.")
    if before is not None and not everything:
        raise UsageError("--before goes with --all.")
    moment = time.time() if before is None else before
    done = Reprocessed()
    with connect(stack, region) as api:
        wanted = failed_documents(api) if failed else all_documents(api, moment) if everything else document_ids or []
        try:
            _run(api, wanted, rate, done, len(document_ids or ()))
        except (KeyboardInterrupt, UnavailableError):
            _tell(done, as_json)
            rest = "--failed" if failed else f"--all --before {moment:.0f}" if everything else "the other ids"
            remark(f"Stopped after {done.seen} documents; go on with docqa reprocess {rest}.")
            raise
    _tell(done, as_json)
    if error := exit_error(done, chosen=bool(document_ids)):
        raise typer.Exit(error.exit_code)


def _run(api: Api, wanted: Iterable[str], rate: float, done: Reprocessed, total: int) -> None:
    """Go through them with a count that grows; how many there are is known only when they were named."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from cli.output import messages
    from cli.reprocessing import reprocess as go_through

    console = messages()
    columns = (TextColumn("Reprocessing"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=total or None)
        for _ in go_through(api, wanted, rate, done):
            progress.update(task, completed=done.seen, description=f"{done.seen} documents")


def _tell(done: Reprocessed, as_json: bool) -> None:
    if as_json:
        refused = [{"document_id": one, "error": str(error)} for one, error in done.refused.items()]
        print_json({"reprocessed": done.admitted, "already": done.already, "refused": refused})
        return
    for document_id, error in done.refused.items():
        remark(f"{document_id}: {error}")
    already = f", {len(done.already)} were under way already" if done.already else ""
    refused_count = f", {len(done.refused)} were refused" if done.refused else ""
    remark(f"{len(done.admitted)} documents are processed again{already}{refused_count}.")
