"""`docqa ask` and `docqa answer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.asking import asked
from cli.errors import CommandError, ExitCode, UsageError
from cli.options import Json, Region, StackName, Timeout
from cli.output import print_json, remark

if TYPE_CHECKING:
    from docqa.models.answer import Answer
    from docqa.models.api import PendingAnswer
    from docqa.models.question import Question


def ask(
    text: Annotated[str, typer.Argument(metavar="QUESTION", help="In plain words.")],
    *,
    queue: Annotated[bool, typer.Option("--queue", help="Ask through the stack's queues, as systems do.")] = False,
    later: Annotated[bool, typer.Option("--async", help="Do not wait: print the answer's id.")] = False,
    research: Annotated[
        bool, typer.Option("--research", help="For a question that takes several steps: minutes, and several searches.")
    ] = False,
    document: Annotated[
        list[str] | None, typer.Option("--document", help="Only this document's id; repeatable.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="NAME=VALUE",
            help="Only documents whose metadata file says so; repeatable, values of one name are alternatives.",
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Only documents dated this day or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="Only documents dated this day or earlier.")
    ] = None,
    timeout: Timeout = 120,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Ask a question; prints the answer with its citations. Exit code 3: the documents do not answer it."""
    if queue and later:
        raise UsageError("--queue waits for the reply; --async does not go with it.")
    question = asked(text, document or [], where or [], since, until, research=research)
    if queue:
        _finish(_ask_queue(question, stack, region, timeout), as_json)
    else:
        _ask_http(question, stack, region, timeout, later=later, as_json=as_json)


def answer(
    answer_id: Annotated[str, typer.Argument(metavar="ID", help="As `docqa ask --async` printed it.")],
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Until the answer is there.")] = False,
    timeout: Timeout = 120,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Show a stored answer. Exit code 6: it is still being worked on."""
    from cli.connection import connect

    with connect(stack, region) as api:
        found = api.wait_for_answer(answer_id, timeout) if wait else api.answer(answer_id)
    if _is_pending(found, as_json):
        raise typer.Exit(ExitCode.TIMEOUT)


def _ask_queue(question: Question, stack: str | None, region: str | None, timeout: float) -> Answer:
    from cli.answer_queue import ask_by_queue
    from cli.connection import find_stack
    from cli.output import messages

    with messages().status("Waiting for the reply on the answers queue"):
        return ask_by_queue(find_stack(stack, region), [question], timeout)[0].answer


def _ask_http(
    question: Question, stack: str | None, region: str | None, timeout: float, *, later: bool, as_json: bool
) -> None:
    from cli.connection import connect
    from cli.output import messages
    from docqa.models.api import PendingAnswer

    with connect(stack, region) as api, messages().status("Searching and answering"):
        found = api.ask(question, later=later)
        if isinstance(found, PendingAnswer) and not later:
            found = api.wait_for_answer(found.answer_id, timeout)
    _is_pending(found, as_json)


def _is_pending(found: Answer | PendingAnswer, as_json: bool) -> bool:
    """Print what there is; whether the answer is still to come."""
    from docqa.models.api import PendingAnswer

    if not isinstance(found, PendingAnswer):
        _finish(found, as_json)
        return False
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        typer.echo(found.answer_id)
        remark(f"The answer is being worked on: docqa answer --wait {found.answer_id}")
    return True


def _finish(found: Answer, as_json: bool) -> None:
    """Print the answer and end with the exit code of its status."""
    from cli.views import print_answer
    from docqa.models.answer import AnswerStatus

    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        print_answer(found)
        # On stderr, so that the answer alone can be piped on.
        said = (
            f"docqa explain {found.answer_id} says why, docqa feedback {found.answer_id} --right or --wrong tells us."
        )
        remark(f"Answer {found.answer_id}: {said}")
    if found.status is AnswerStatus.ABSTAINED:
        raise typer.Exit(ExitCode.ABSTAINED)
    if found.status is AnswerStatus.FAILED:
        raise CommandError(f"The question failed: {found.reason or 'no reason was given'}.")
