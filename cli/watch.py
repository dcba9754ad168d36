"""Progress bars for uploads and for documents on their way into the index."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from cli.api import Api
from cli.errors import NotInTimeError
from cli.output import messages, one_line
from cli.uploads import StoredVersion, Upload, Uploaded, upload_all
from docqa.models.api import DocumentView, ReadersBody
from docqa.models.document import GONE, DocumentStatus

POLL_SECONDS = 1.0
FINAL = GONE | {DocumentStatus.INDEXED, DocumentStatus.PARTIALLY_INDEXED, DocumentStatus.FAILED}


def upload_with_progress(api: Api, uploads: Sequence[Upload], readers: ReadersBody | None) -> list[Uploaded]:
    """Upload with one bar over all bytes."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = messages()
    columns = (TextColumn("Uploading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=sum(upload.size for upload in uploads))
        return list(upload_all(api, uploads, readers, lambda _, sent: progress.advance(task, sent)))


def wait_with_progress(api: Api, uploaded: Sequence[Uploaded], seconds: float) -> list[DocumentView]:
    """Wait until each document has ended, with a bar over the documents.

    Raises:
        NotInTimeError: some are still on their way; they go on without us.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = messages()
    names = {one.document_id: one.upload.path for one in uploaded}
    versions = {one.document_id: one.version for one in uploaded}
    columns = (
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=len(names))
        views: Mapping[str, DocumentView] = {}
        for views in watch(api, versions, seconds):
            ended = [view for view in views.values() if has_ended(view)]
            waiting = [
                names[identifier] for identifier in names if identifier not in {view.document_id for view in ended}
            ]
            progress.update(task, completed=len(ended), description=one_line(", ".join(waiting[:3])).replace("[", "("))
    return [views[identifier] for identifier in names]


def watch(api: Api, versions: Mapping[str, StoredVersion | None], seconds: float) -> Iterator[dict[str, DocumentView]]:
    """The documents as they are, again and again, until all have ended.

    Args:
        api: Signed in.
        versions: By the document's id, what was uploaded; None: whichever version is the newest. A document of which
            that has not been noted yet is missing from the views.
        seconds: To wait at most.

    Raises:
        NotInTimeError: after `seconds`.
    """
    deadline = time.monotonic() + seconds
    views: dict[str, DocumentView] = {}
    while True:
        for identifier, version in versions.items():
            if identifier not in views or not has_ended(views[identifier]):
                found = api.find_document(identifier)
                if found and (version is None or version.is_noted(found)):
                    views[identifier] = found
        yield dict(views)
        waiting = [identifier for identifier in versions if identifier not in views or not has_ended(views[identifier])]
        if not waiting:
            return
        if time.monotonic() > deadline:
            why = next((f" Waiting: {view.waiting}." for view in views.values() if view.waiting), "")
            raise NotInTimeError(
                f"{len(waiting)} documents are not indexed after {seconds:.0f} s: {', '.join(waiting[:3])}.{why}"
            )
        time.sleep(POLL_SECONDS)


def has_ended(view: DocumentView) -> bool:
    """Whether the newest version of the document was indexed, has failed or is gone."""
    return view.status in FINAL
