"""`docqa batch`: thousands of questions, answered together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cli.errors import CommandError
from cli.options import Json, Region, StackName
from cli.output import print_json, remark

if TYPE_CHECKING:
    from docqa.models.batch_api import BatchView

_SEND = "send"


class FileFirstGroup(TyperGroup):
    """What is no command is a file to send: `docqa batch FILE` is `docqa batch send FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in front of a file."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_SEND, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=FileFirstGroup,
    help="Have a file of questions answered: docqa batch FILE, JSON lines with a question on each. "
    "A file that is called like a command is sent by docqa batch send FILE.",
    no_args_is_help=True,
)
Wait = Annotated[bool, typer.Option("--wait", help="Show how far it is until it is done.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FOLDER", help="Once it is done, save results.jsonl, results.csv and report.html."),
]
Timeout = Annotated[float, typer.Option("--timeout", min=1, help="Seconds to wait at most.")]
DAY_SECONDS = 86_400.0
FAILURES_SHOWN = 3


@app.command(_SEND)
def send(
    file: Annotated[Path, typer.Argument(metavar="FILE", help='A line: {"question": "…", "id": "q-1"}.')],
    *,
    wait: Wait = False,
    out: Out = None,
    within: Annotated[
        int | None, typer.Option("--within", metavar="SECONDS", min=60, help="How long it may take.")
    ] = None,
    timeout: Timeout = DAY_SECONDS,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Send a file of questions."""
    from cli import batches
    from cli.connection import connect

    with connect(stack, region) as api:
        batch = batches.send(api, file, within)
        remark(f"Batch {batch.batch_id} is on its way: docqa batch show {batch.batch_id}")
    if wait or out is not None:
        _follow(batch.batch_id, out, timeout, stack, region, as_json=as_json)
    else:
        _print(batch, [], as_json=as_json)


@app.command("show")
def show(
    batch_id: Annotated[str, typer.Argument(metavar="ID", help="As `docqa batch FILE` said it.")],
    *,
    wait: Wait = False,
    out: Out = None,
    timeout: Timeout = DAY_SECONDS,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """How far it is; with --out, its results. Exit code 1: it failed, or some of its questions did."""
    _follow(batch_id, out, timeout if wait else 0.0, stack, region, as_json=as_json)


def _follow(
    batch_id: str, out: Path | None, seconds: float, stack: str | None, region: str | None, *, as_json: bool
) -> None:
    """Show the batch, once it has ended or at once (0 seconds), and fetch what there is."""
    from cli import batches
    from cli.batch_progress import shown_progress
    from cli.connection import connect
    from docqa.models.batch import BatchStatus

    files: list[Path] = []
    if seconds:
        with shown_progress() as look:
            batches.follow(lambda: connect(stack, region), batch_id, seconds, look)
    with connect(stack, region) as api:
        batch = api.batch(batch_id)
        if out is not None and batch.links is not None:
            files = batches.fetch(api, batch.links, out)
        failed = batches.failures(api, batch.links, FAILURES_SHOWN) if batch.links and batch.counts.failed else []
    _print(batch, files, as_json=as_json)
    if batch.status is BatchStatus.FAILED:
        reason = batch.failure.message if batch.failure else "no reason was given"
        raise CommandError(f"The batch failed: {reason}")
    if batch.status is BatchStatus.DONE and batch.counts.failed:
        for one in failed:
            remark(one)
        more = "; the other reasons are in the results" if batch.counts.failed > len(failed) else ""
        raise CommandError(f"{batch.counts.failed:,} of {batch.counts.questions:,} questions failed{more}.")


def _print(batch: BatchView, files: list[Path], *, as_json: bool) -> None:
    from cli.output import literal
    from cli.views import print_facts, status_text

    if as_json:
        print_json({**batch.model_dump(mode="json"), "files": [str(file) for file in files]})
        return
    counts = batch.counts
    facts: list[tuple[str, Any]] = [
        ("batch", literal(batch.batch_id)),
        ("status", status_text(batch.status.value)),
        ("questions", f"{counts.questions:,}"),
        ("answered, abstained, failed", f"{counts.answered:,}, {counts.abstained:,}, {counts.failed:,}"),
        ("sent", _time(batch.created_at)),
    ]
    if batch.route:
        facts.append(("chat model asked", f"{batch.route} ({batch.route_reason})"))
    if batch.questions_a_second:
        facts.append(("questions a second", f"{batch.questions_a_second:.2f}"))
    if batch.seconds_left:
        facts.append(("time left", f"{batch.seconds_left / 60:.0f} minutes"))
    facts.append(("cost", f"{batch.cost_usd:.6f} USD"))
    if batch.links and not files:
        facts.append(("results", f"docqa batch show {batch.batch_id} --out FOLDER"))
    facts += [("saved", str(file)) for file in files]
    print_facts(facts)


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")
