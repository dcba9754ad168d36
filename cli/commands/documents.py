"""`docqa upload`, `documents`, `show`, `watch` and `delete`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError, NotInTimeError, UsageError
from cli.options import Json, Region, StackName, Timeout
from cli.output import print_json, remark

if TYPE_CHECKING:
    from cli.uploads import Uploaded
    from docqa.models.api import ReadersBody


def upload(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders with everything in them.")],
    *,
    target: Annotated[
        str | None, typer.Option("--as", metavar="PATH", help="Where the one file goes below your tenant.")
    ] = None,
    readers: Annotated[
        str | None,
        typer.Option(
            "--readers", metavar="tenant|nobody|GROUP,...", help="Who may read; without it, as the stack decides."
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until each document is indexed or has failed.")] = False,
    timeout: Timeout = 900,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Upload documents; a document that is there already is replaced once the new version is indexed.

    The metadata file beside a document, NAME.metadata.json, is sent along; --readers goes before its groups.
    """
    from cli.connection import connect
    from cli.uploads import left_out, plan_uploads, unknown_groups
    from cli.views import print_documents, print_uploads
    from cli.watch import upload_with_progress, wait_with_progress

    uploads = plan_uploads(paths, target)
    body = parse_readers(readers)
    for file in left_out(paths):
        remark(f"{file} is not sent: the document that it describes is not among the files.")
    with connect(stack, region) as api:
        _remark_on_unknown(unknown_groups(uploads, body, api.own_groups()))
        done = upload_with_progress(api, uploads, body)
        arrived = [one for one in done if one.error is None]
        views = wait_with_progress(api, arrived, timeout) if wait else []
    if as_json:
        print_json([view.model_dump(mode="json") for view in views] if wait else [_as_json(one) for one in done])
    elif wait:
        print_documents(views)
    else:
        print_uploads(done)
    if described := sum(one.upload.sidecar is not None for one in arrived):
        remark(f"{described} of {len(arrived)} were sent with what their metadata files say.")
    if closed := sum(not view.readers.tenant and not view.readers.groups for view in views):
        remark(f"Nobody may read {closed} of them: upload again with --readers tenant, or with names of groups.")
    _end(done, [view.status for view in views])


def list_documents(
    *,
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="Only these, e.g. FAILED: what is in quarantine.")
    ] = None,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """List the documents that you may see, newest change first."""
    from cli.connection import connect
    from cli.views import print_documents

    with connect(stack, region) as api:
        views = list(api.documents(status.upper() if status else None))
    if as_json:
        print_json([view.model_dump(mode="json") for view in views])
    else:
        print_documents(views)


def show(
    document_id: Annotated[str, typer.Argument(metavar="ID")],
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Show one document: status, pages and how they were read, readers, timings."""
    from cli.connection import connect
    from cli.views import print_document

    with connect(stack, region) as api:
        view = api.document(document_id)
    if as_json:
        print_json(view.model_dump(mode="json"))
    else:
        print_document(view)


def watch(
    since: Annotated[
        float, typer.Option("--since", metavar="HOURS", min=0.0, help="Documents that changed in the last hours.")
    ] = 24.0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on when everything has ended, until Ctrl-C.")] = False,
    timeout: Timeout = 24 * 3600,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Watch documents on their way into the index: how many are where, how fast, how long the rest takes."""
    from cli.connection import connect
    from cli.load import Load
    from cli.load_view import load_as_json, print_load, watch_load

    load = Load(since=time.time() - since * 3600)
    with connect(stack, region) as api:
        ended = watch_load(api, load, follow=follow, deadline=time.monotonic() + timeout)
    now = time.time()
    if as_json:
        print_json(load_as_json(load, now))
    else:
        print_load(load, now)
    if not ended:
        raise NotInTimeError(f"{load.under_way} documents are still under way after {timeout:.0f} s.")
    if failed := len(load.failed()):
        raise CommandError(f"{failed} documents failed: docqa show ID says why.")


def delete(
    document_ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Delete documents; they stop answering at once."""
    from cli.connection import connect

    failures: list[CommandError] = []
    deleted: list[str] = []
    with connect(stack, region) as api:
        for document_id in document_ids:
            try:
                api.delete(document_id)
                deleted.append(document_id)
            except CommandError as error:
                failures.append(error)
                remark(f"{document_id}: {error}")
    if as_json:
        print_json({"deleted": deleted})
    elif deleted:
        remark(f"Deleted {len(deleted)} of {len(document_ids)} documents.")
    if failures:
        raise typer.Exit(failures[0].exit_code)


def parse_readers(text: str | None) -> ReadersBody | None:
    """`tenant`, `nobody`, or the names of groups with commas between them.

    Raises:
        UsageError: a name that no group can have.
    """
    if text is None:
        return None
    from pydantic import ValidationError

    from docqa.models.api import ReadersBody

    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["nobody"]:
        return ReadersBody()
    try:
        return ReadersBody(tenant="tenant" in names, groups=[name for name in names if name != "tenant"])
    except ValidationError as error:
        raise UsageError("--readers takes `tenant`, `nobody`, or names of groups with commas between them.") from error


def _remark_on_unknown(groups: list[str]) -> None:
    if groups:
        names = ", ".join(groups)
        remark(
            f"You are not in {names}: only its members can read, and docqa cannot tell whether there is such a group."
        )


def _as_json(one: Uploaded) -> dict[str, str | None]:
    return {
        "file": str(one.upload.file),
        "path": one.upload.path,
        "metadata_file": str(one.upload.sidecar.file) if one.upload.sidecar else None,
        "document_id": one.document_id or None,
        "error": str(one.error) if one.error else None,
    }


def _end(done: list[Uploaded], statuses: list[str]) -> None:
    """Name what failed, and end with its exit code."""
    errors = [one.error for one in done if one.error]
    for one in done:
        if one.error:
            remark(f"{one.upload.file}: {one.error}")
    if errors:
        raise typer.Exit(errors[0].exit_code)
    if failed := statuses.count("FAILED"):
        raise CommandError(f"{failed} of {len(statuses)} documents failed: docqa show ID says why.")
