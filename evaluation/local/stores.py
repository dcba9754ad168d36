"""A bucket that is a folder: what the evaluation keeps between runs lies there."""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from docqa.errors import NotFoundError
from docqa.models.document import StoredObject

VERSION = "1"


class FolderStore:
    """Implements `ports.ObjectStore` for one process: each key is a file, and has one version.

    Args:
        bucket: Its name.
        folder: Where the files are.
        prefix: What stands in front of every key and of no file's path: a folder of documents is not copied.
    """

    def __init__(self, bucket: str, folder: Path, prefix: str = "") -> None:
        self._bucket = bucket
        self.folder = folder
        self._prefix = prefix
        self._lock = threading.Lock()

    @property
    def bucket(self) -> str:
        """Name of the bucket."""
        return self._bucket

    def head(self, key: str, version_id: str | None = None) -> StoredObject | None:
        """The file's size; every file has the same version."""
        path = self._path(key)
        if not path.is_file() or version_id not in (None, VERSION):
            return None
        return StoredObject(self._bucket, key, VERSION, path.stat().st_size)

    def versions(self, key: str) -> list[StoredObject]:
        """The one there is."""
        found = self.head(key)
        return [] if found is None else [found]

    @contextmanager
    def open(self, key: str, version_id: str | None = None) -> Iterator[IO[bytes]]:  # noqa: ARG002 - there is one
        """The file itself, to be read."""
        try:
            with self._path(key).open("rb") as file:
                yield file
        except FileNotFoundError as error:
            raise NotFoundError(f"{key} is not in the folder") from error

    def read(self, key: str, version_id: str | None = None) -> bytes:
        """All of the file."""
        with self.open(key, version_id) as file:
            return file.read()

    def write(self, key: str, body: bytes | IO[bytes], content_type: str = "") -> None:  # noqa: ARG002 - not kept
        """Write the file whole or not at all."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{uuid.uuid4().hex}")
        with draft.open("wb") as file:
            if isinstance(body, bytes):
                file.write(body)
            else:
                shutil.copyfileobj(body, file)
        draft.replace(path)

    def copy(self, bucket: str, key: str, version_id: str, to: str) -> None:
        """Nothing is replaced here, so that no file has to be kept."""
        raise NotImplementedError

    def exists(self, key: str) -> bool:
        """Whether the file is there."""
        return self._path(key).is_file()

    def list_objects(self, prefix: str, start_after: str = "") -> Iterator[StoredObject]:
        """Files below the prefix, in key order."""
        for key in self._keys():
            if key.startswith(prefix) and key > start_after and (found := self.head(key)):
                yield found

    def latest_versions(self, start_after: str = "") -> Iterator[StoredObject]:
        """As `list_objects`: nothing is remembered of a deleted file."""
        return self.list_objects("", start_after)

    def delete_prefix(self, prefix: str) -> int:
        """Remove the files below the prefix."""
        doomed = [one.key for one in self.list_objects(prefix)]
        for key in doomed:
            self.delete(key)
        return len(doomed)

    def delete(self, key: str) -> None:
        """Remove the file."""
        self._path(key).unlink(missing_ok=True)

    def delete_version(self, key: str, version_id: str) -> None:  # noqa: ARG002 - there is one
        """Remove the file."""
        self.delete(key)

    def presign_get(
        self, key: str, version_id: str, filename: str, media_type: str, seconds: int, *, attachment: bool = False
    ) -> str:
        """Nobody opens a document here."""
        raise NotImplementedError

    def presign_post(self, key: str, max_bytes: int, fields: Mapping[str, str], seconds: int) -> dict[str, Any]:
        """Nobody uploads to it."""
        raise NotImplementedError

    def _path(self, key: str) -> Path:
        return self.folder / key.removeprefix(self._prefix)

    def _keys(self) -> list[str]:
        with self._lock:
            paths = [Path(place, name) for place, _, names in os.walk(self.folder) for name in names]
        keys = [self._prefix + path.relative_to(self.folder).as_posix() for path in paths]
        return sorted(key for key in keys if not key.rpartition("/")[2].startswith("."))
