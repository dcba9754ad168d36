"""Files into the documents bucket: many at once, streamed, with progress by bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

import httpx

from cli.api import Api
from cli.errors import CommandError, NotFoundError, UnavailableError, UsageError
from cli.output import one_line
from cli.sidecars import Sidecar, orphans, sidecar_of
from docqa.ids import is_sidecar
from docqa.models.api import DocumentView, ReadersBody

# More would share the same line, and ask the gateway for tickets faster than it likes.
WORKERS = 4


@dataclass(frozen=True)
class Upload:
    """A file, where it goes below the tenant, and the metadata file beside it."""

    file: Path
    path: str
    sidecar: Sidecar | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return self.file.stat().st_size


@dataclass(frozen=True)
class StoredVersion:
    """What storage made of one upload.

    Attributes:
        version_id: Storage's id of it; empty: it told none.
        at: When it was stored, by storage's clock, in seconds since the epoch (whole seconds); None: it did not tell.
    """

    version_id: str = ""
    at: float | None = None

    def is_noted(self, view: DocumentView) -> bool:
        """Whether the view is of this version, or of one that has replaced it; and not of the one before."""
        if self.version_id and view.version_id == self.version_id:
            return True
        # What is received is what the bucket then holds: later than this it is nothing older.
        return self.at is not None and view.received_at >= self.at + 1


@dataclass(frozen=True)
class Uploaded:
    """What became of one upload: the document's id and its new version, or the error."""

    upload: Upload
    document_id: str = ""
    version: StoredVersion = StoredVersion()
    error: CommandError | None = None


def plan_uploads(paths: Sequence[Path], target: str | None) -> list[Upload]:
    """The files to upload: each path itself, or everything below it if it is a folder; with their metadata files.

    `target` says where the one file goes; without it, under its own name, or below its folder's.

    Raises:
        NotFoundError: a path does not exist.
        UsageError: nothing to upload, a target for several files, or a broken metadata file.
    """
    found = _found(paths)
    uploads = [Upload(file, path) for file, path in found if not is_sidecar(path)]
    if found and not uploads:
        raise UsageError("These are metadata files only: name their documents, and they are sent along.")
    _check(uploads, target)
    if target:
        uploads = [Upload(uploads[0].file, target)]
    return [replace(upload, sidecar=sidecar_of(upload.file)) for upload in uploads]


def unknown_groups(uploads: Sequence[Upload], readers: ReadersBody | None, own: frozenset[str] | None) -> list[str]:
    """Groups among the readers in which the uploader, of the groups `own`, is not: a typing mistake looks like this."""
    stated = [readers] if readers else [one.sidecar.readers for one in uploads if one.sidecar and one.sidecar.readers]
    return [] if own is None else sorted({group for body in stated for group in body.groups} - own)


def left_out(paths: Sequence[Path]) -> list[Path]:
    """Metadata files among the paths of which the document is not: they are not sent."""
    return orphans([file for file, _ in _found(paths)])


def _found(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            files = sorted(
                file for file in path.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(path))
            )
            found += [(file, file.relative_to(path.parent).as_posix()) for file in files]
        elif path.is_file():
            found.append((path, path.name))
        else:
            raise NotFoundError(f"There is no file {path}.")
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _check(uploads: Sequence[Upload], target: str | None) -> None:
    if not uploads:
        raise UsageError("There is nothing to upload.")
    if target is not None and len(uploads) > 1:
        raise UsageError("--as names one document: give it one file.")
    empty = [str(upload.file) for upload in uploads if upload.size == 0]
    if empty:
        raise UsageError(f"Empty files cannot be uploaded: {', '.join(empty)}.")
    paths = [upload.path for upload in uploads]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice and target is None:
        raise UsageError(f"Several files would become the same document: {', '.join(twice)}.")


def upload_all(
    api: Api, uploads: Sequence[Upload], readers: ReadersBody | None, on_bytes: Callable[[Upload, int], None]
) -> Iterator[Uploaded]:
    """Upload the files, a few at a time; results in the order given. One file's failure does not stop the others.

    `readers` go before those of metadata files.
    `on_bytes` is told, from several threads, how many more bytes of an upload were sent.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        futures: list[Future[Uploaded]] = [pool.submit(_attempt, api, one, readers, on_bytes) for one in uploads]
        for future in futures:
            yield future.result()


def _attempt(
    api: Api, upload: Upload, readers: ReadersBody | None, on_bytes: Callable[[Upload, int], None]
) -> Uploaded:
    try:
        return _upload(api, upload, readers, on_bytes)
    except CommandError as error:
        return Uploaded(upload, error=error)


def _upload(api: Api, upload: Upload, readers: ReadersBody | None, on_bytes: Callable[[Upload, int], None]) -> Uploaded:
    ticket = api.request_upload(
        upload.path,
        upload.size,
        readers or (upload.sidecar.readers if upload.sidecar else None),
        upload.sidecar.attributes if upload.sidecar else None,
    )
    with upload.file.open("rb") as file:
        # The form's file comes last: S3 ignores whatever follows it.
        counted = _CountedReader(file, lambda sent: on_bytes(upload, sent))
        try:
            response = api.storage.post(ticket.url, data=ticket.fields, files={"file": cast("IO[bytes]", counted)})
        except httpx.TransportError as error:
            raise UnavailableError(f"{upload.path}: the upload broke off: {error}") from error
    if not response.is_success:
        raise CommandError(f"{upload.path}: storage refused the upload: {storage_reason(response)}")
    return Uploaded(upload, ticket.document_id, stored_version(response.headers))


def stored_version(headers: Mapping[str, str]) -> StoredVersion:
    """The version that storage tells of in the response to an upload; header names in lower case, or in any."""
    date = headers.get("date")
    return StoredVersion(
        version_id=headers.get("x-amz-version-id", ""), at=parsedate_to_datetime(date).timestamp() if date else None
    )


def storage_reason(response: httpx.Response) -> str:
    """Code and message of S3's XML, without parsing XML from outside."""
    found = [re.search(rf"<{name}>([^<]*)</{name}>", response.text) for name in ("Code", "Message")]
    return one_line(": ".join(match.group(1) for match in found if match) or f"status {response.status_code}")


class _CountedReader:
    """A file that tells how much of it was read. httpx finds its length through `fileno`, and so streams it."""

    def __init__(self, file: BufferedReader, on_read: Callable[[int], None]) -> None:
        self._file = file
        self._on_read = on_read

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._on_read(len(data))
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()
