"""`docqa feedback` and `docqa export-feedback`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import NotAllowedError, UsageError
from cli.options import Json, Region, StackName
from cli.output import print_json, remark

MADE_BY_MAKE = "On the one-machine cloud make admin makes the demo's person one."
MEMBERS = "They are the members of the user pool's group that the stack's parameter AdminGroup names."

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from docqa.models.feedback import FeedbackBody


def feedback(
    answer_id: Annotated[str, typer.Argument(metavar="ID", help="Of the answer; `docqa ask` prints it.")],
    *,
    right: Annotated[bool, typer.Option("--right", help="The answer is right.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="The answer is wrong.")] = False,
    expected: Annotated[str | None, typer.Option("--expected", help="What it should have been.")] = None,
    document: Annotated[str | None, typer.Option("--document", help="Id of the document that says so.")] = None,
    page: Annotated[int | None, typer.Option("--page", help="The page, where that document says so.")] = None,
    unanswerable: Annotated[
        bool, typer.Option("--unanswerable", help="The documents do not answer: to abstain is right.")
    ] = False,
    comment: Annotated[str | None, typer.Option("--comment", help="Anything else.")] = None,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Say whether an answer is right: wrong answers become tests. Said again, the latest word counts."""
    from cli.connection import connect

    if right == wrong:
        raise UsageError("Say either --right or --wrong.")
    if unanswerable and (expected is not None or document is not None or page is not None):
        raise UsageError("--unanswerable says that there is no answer: leave --expected, --document and --page out.")
    if page is not None and document is None:
        raise UsageError("--page is a page of a document: say --document ID, too.")
    body = _body(
        {
            "verdict": "right" if right else "wrong",
            "expected": expected,
            "document_id": document,
            "page": page,
            "unanswerable": unanswerable,
            "comment": comment,
        }
    )
    with connect(stack, region) as api:
        kept = api.give_feedback(answer_id, body)
    if as_json:
        print_json(kept.model_dump(mode="json"))
    else:
        remark("Noted. Thank you.")


def export_feedback(
    *,
    out: Annotated[Path | None, typer.Option("--out", help="A file; absent: standard output.")] = None,
    stack: StackName = None,
    region: Region = None,
) -> None:
    """Write the tenant's feedback as JSON lines, for `docqa eval --from-feedback`. Administrators only."""
    from cli.connection import connect

    try:
        with connect(stack, region) as api:
            lines = [one.model_dump_json() for one in api.feedback()]
    except NotAllowedError as error:
        raise NotAllowedError(f"{error} {MADE_BY_MAKE if stack is None else MEMBERS}") from error
    text = "".join(f"{line}\n" for line in lines)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        remark(f"{len(lines)} written to {out}.")


def _body(values: dict[str, str | int | None]) -> FeedbackBody:
    from pydantic import ValidationError

    from docqa.models.feedback import FeedbackBody

    try:
        return FeedbackBody.model_validate(values)
    except ValidationError as error:
        raise UsageError(" ".join(_sentence(item) for item in error.errors())) from error


def _sentence(item: ErrorDetails) -> str:
    from docqa.domain.wrong_input import what_is_wrong

    if item["loc"] == ("document_id",):
        return f"--document {item['input']!r} is no document's id: docqa documents lists them."
    return f"--{item['loc'][-1]} {what_is_wrong(item)}."
