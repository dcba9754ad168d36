"""`docqa explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.errors import ExitCode
from cli.options import Json, Region, StackName
from cli.output import print_json, remark


def explain(
    answer_id: Annotated[str, typer.Argument(metavar="ID", help="Of the answer; `docqa ask` prints it.")],
    *,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Show why a question was answered as it was, stage by stage. Exit code 6: it is still being worked on."""
    from cli.connection import connect
    from cli.trace_view import print_explanation
    from docqa.models.api import PendingAnswer

    with connect(stack, region) as api:
        found = api.explain(answer_id)
    if as_json:
        print_json(found.model_dump(mode="json"))
    elif isinstance(found, PendingAnswer):
        remark("The answer is being worked on.")
    else:
        print_explanation(found)
    if isinstance(found, PendingAnswer):
        raise typer.Exit(ExitCode.TIMEOUT)
