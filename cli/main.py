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
from cli.errors import EXIT_CODE_HELP, CommandError
from cli.output import remark

INTRODUCTION = """Ask an organisation's own documents, and get answers with citations.

Without --stack the commands talk to the one-machine cloud that `make demo` or `make up` started here."""


class SentenceGroup(TyperGroup):
    """Ends a command that failed with one sentence on stderr instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            remark(str(error))
            raise typer.Exit(error.exit_code) from error


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
