"""Put the demo documents where the flow begins, and watch them on their way into the index."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table

from cli.api import Api
from cli.output import literal
from cli.stack import Stack
from cli.uploads import StoredVersion, Upload, stored_version, upload_all
from cli.views import status_text, table
from cli.watch import FINAL, watch
from devstack.demo.material import GROUP, DemoDocument
from docqa.ids import document_id, sidecar_key
from docqa.models.api import DocumentView, ReadersBody

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WAIT_SECONDS = 420.0


@dataclass(frozen=True)
class Dropped:
    """A demo document in the bucket.

    Attributes:
        at: Seconds since the epoch when it was put there in this run; None: it was there, unchanged.
        version: What was put there in this run.
    """

    document: DemoDocument
    document_id: str
    at: float | None
    version: StoredVersion | None = None


def drop(stack: Stack, api: Api, documents: Sequence[DemoDocument]) -> list[Dropped]:
    """Put every document into the bucket that is not there yet, was changed, or failed before."""
    s3: S3Client = stack.client("s3")
    bucket = stack.output("DocumentsBucketName")
    dropped = []
    for document in documents:
        identifier = document_id(bucket, document.key)
        at, version = None, None
        if not _is_there(s3, bucket, document) or not _is_on_its_way(api, identifier):
            at = time.time()
            version = _put(s3, bucket, api, document)
        dropped.append(Dropped(document, identifier, at, version))
    return dropped


def follow(api: Api, dropped: Sequence[Dropped], console: Console) -> dict[str, DocumentView]:
    """Wait until each document has ended; its last view by id.

    Raises:
        NotInTimeError: some have not.
    """
    views: dict[str, DocumentView] = {}
    looks = watch(api, {one.document_id: one.version for one in dropped}, WAIT_SECONDS)
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4) as live:
            for views in looks:
                live.update(_table(dropped, views))
        return views
    told: dict[str, str] = {}
    for views in looks:
        _tell_changes(dropped, views, told, console)
    return views


def _is_there(s3: S3Client, bucket: str, document: DemoDocument) -> bool:
    """Whether the bucket holds exactly these bytes."""
    from botocore.exceptions import ClientError

    try:
        found = s3.head_object(Bucket=bucket, Key=document.key)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return False
        raise
    return found["ETag"].strip('"') == document.etag


def _is_on_its_way(api: Api, identifier: str) -> bool:
    view = api.find_document(identifier)
    return view is not None and view.status not in {"FAILED", "DELETED"}


def _put(s3: S3Client, bucket: str, api: Api, document: DemoDocument) -> StoredVersion:
    if document.over_http:
        upload = Upload(document.file, document.name)
        (result,) = upload_all(api, [upload], ReadersBody(groups=[GROUP]), lambda *_: None)
        if result.error:
            raise result.error
        return result.version
    # The sidecar first: the document is then open to its readers from its first moment.
    s3.put_object(Bucket=bucket, Key=sidecar_key(document.key), Body=document.sidecar, ContentType="application/json")
    with document.file.open("rb") as body:
        stored = s3.put_object(Bucket=bucket, Key=document.key, Body=body)
    return stored_version(stored["ResponseMetadata"]["HTTPHeaders"])


def _table(dropped: Sequence[Dropped], views: Mapping[str, DocumentView]) -> Table:
    rows = table("document", "way in", "status", "pages", "by OCR", "passages", "seconds")
    for one in dropped:
        view = views.get(one.document_id)
        seconds = seconds_of(one, view) if view else None
        rows.add_row(
            literal(one.document.key),
            _way_in(one),
            status_text(view.status if view else "on its way"),
            str(view.pages.total) if view and view.pages else "",
            str(view.pages.ocr) if view and view.pages else "",
            str(view.chunks) if view and view.chunks is not None else "",
            f"{seconds:.1f}" if seconds is not None else "",
        )
    return rows


def _way_in(one: Dropped) -> str:
    if one.at is None:
        return "earlier run"
    return "HTTP" if one.document.over_http else "bucket"


def _tell_changes(
    dropped: Sequence[Dropped], views: Mapping[str, DocumentView], told: dict[str, str], console: Console
) -> None:
    """Without a terminal: a line for each document that ended."""
    for one in dropped:
        view = views.get(one.document_id)
        if view and view.status in FINAL and told.get(one.document_id) != view.status:
            told[one.document_id] = view.status
            pages = f"{view.pages.total} pages, {view.pages.ocr} by OCR" if view.pages else "no pages"
            seconds = seconds_of(one, view)
            when = "in an earlier run" if seconds is None else f"{seconds:.1f} s"
            console.print(literal(f"  {one.document.key}: {view.status}, {pages}, {view.chunks} passages, {when}"))


def seconds_of(one: Dropped, view: DocumentView) -> float | None:
    """From the drop to its last change; None: it was there from an earlier run, whose seconds are not of this one."""
    return None if one.at is None else max(view.updated_at - one.at, 0.0)
