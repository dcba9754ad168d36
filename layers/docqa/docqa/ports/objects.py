"""Objects in buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import IO, Any, Protocol

from docqa.models.document import StoredObject


class ObjectStore(Protocol):
    """Objects of one bucket."""

    @property
    def bucket(self) -> str:
        """Name of the bucket."""
        ...

    def head(self, key: str, version_id: str | None = None) -> StoredObject | None:
        """The current version, or the named one; None when there is none (never written, or deleted)."""
        ...

    def versions(self, key: str) -> list[StoredObject]:
        """Versions written since the key was last deleted, newest first; their `metadata` is empty."""
        ...

    def open(self, key: str, version_id: str | None = None) -> AbstractContextManager[IO[bytes]]:
        """A seekable binary file with the object's bytes; large ones spill to disk.

        Raises:
            NotFoundError: there is no such object or version.
        """
        ...

    def read(self, key: str, version_id: str | None = None) -> bytes:
        """All bytes of a small object.

        Raises:
            NotFoundError: there is no such object or version.
        """
        ...

    def write(self, key: str, body: bytes | IO[bytes], content_type: str = "application/octet-stream") -> None:
        """Write an object, replacing what was there."""
        ...

    def copy(self, bucket: str, key: str, version_id: str, to: str) -> None:
        """Write what a version of an object of that bucket holds to the key `to` of this one, without moving it here.

        Raises:
            NotFoundError: there is no such object or version.
        """
        ...

    def exists(self, key: str) -> bool:
        """Whether the object is there."""
        ...

    def list_objects(self, prefix: str, start_after: str = "") -> Iterator[StoredObject]:
        """Objects below the prefix in key order, from after `start_after`; `metadata` and `version_id` are empty."""
        ...

    def latest_versions(self, start_after: str = "") -> Iterator[StoredObject]:
        """The latest version at every key from after `start_after`, in key order.

        A key that was deleted comes with an empty `version_id`, as long as the bucket remembers its versions.
        """
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Delete everything below the prefix; how many objects that were."""
        ...

    def delete(self, key: str) -> None:
        """Delete the current version (a delete marker where the bucket is versioned)."""
        ...

    def delete_version(self, key: str, version_id: str) -> None:
        """Take one version away for good; the one before it becomes the current one."""
        ...

    def presign_get(
        self, key: str, version_id: str, filename: str, media_type: str, seconds: int, *, attachment: bool = False
    ) -> str:
        """A short-lived address that shows this version of the object in a browser, or has it saved (`attachment`)."""
        ...

    def presign_post(self, key: str, max_bytes: int, fields: Mapping[str, str], seconds: int) -> dict[str, Any]:
        """`{"url", "fields"}` of a form upload for exactly this key and these fields, at most `max_bytes`."""
        ...
