"""The `docqa` command line: what it offers, and how a failure becomes a sentence and an exit code."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from cli.commands import (
    backfill,
    batch,
    channels,
    documents,
    evaluate,
    explain,
    feedback,
    index,
    people,
    questions,
    reprocess,
    spending,
)
from cli.errors import EXIT_CODE_HELP, CommandError, ExitCode
from cli.output import print_json_error, remark

INTRODUCTION = """Ask an organisation's own documents, and get answers with citations.

Without --stack the commands talk to the one-machine cloud that `make demo` or `make up` started here."""


_AS_JSON = "docqa.as_json"


class SentenceGroup(TyperGroup):
    """Ends a command that failed with one sentence on stderr instead of a traceback; with --json, as JSON."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Remember whether a program reads what is printed; the command's own options are parsed later."""
        options = args[: args.index("--")] if "--" in args else args
        ctx.meta[_AS_JSON] = "--json" in options
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            _tell(str(error), error.exit_code, as_json=ctx.meta[_AS_JSON])
            raise typer.Exit(error.exit_code) from error
        except typer.BadParameter as error:
            if not ctx.meta[_AS_JSON]:
                raise
            _tell(error.format_message(), ExitCode.USAGE, as_json=True)
            raise typer.Exit(ExitCode.USAGE) from error


def _tell(sentence: str, exit_code: ExitCode, *, as_json: bool) -> None:
    if as_json:
        print_json_error(sentence, exit_code)
    else:
        remark(sentence)


app = typer.Typer(
    cls=SentenceGroup,
    help=INTRODUCTION,
    epilog=EXIT_CODE_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("upload")(documents.upload)
app.command("documents")(documents.list_documents)
app.command("show")(documents.show)
app.command("watch")(documents.watch)
app.command("delete")(documents.delete)
app.command("reprocess")(reprocess.reprocess)
app.command("ask")(questions.ask)
app.command("answer")(questions.answer)
app.command("explain")(explain.explain)
app.command("feedback")(feedback.feedback)
app.command("export-feedback")(feedback.export_feedback)
app.command("cost")(spending.cost)
app.command("budget")(spending.budget)
app.command("index")(index.index)
app.command("eval")(evaluate.evaluate)
app.add_typer(channels.app, name="channels")
app.add_typer(backfill.app, name="backfill")
app.add_typer(batch.app, name="batch")
app.command("login")(people.login)
app.command("logout")(people.logout)
