"""A bucket in memory that counts its requests as S3 bills them, whoever makes them: docqa, or a service."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from docqa.errors import NotFoundError
from docqa.models.document import StoredObject

LISTED_AT_ONCE = 1_000


class CountedBucket:
    """What jobs need of `ports.ObjectStore`.

    Attributes:
        requests: How many there were, by kind: `write` (also listing) and `read`, which have their own prices.
    """

    bucket = "work"

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self._objects: dict[str, bytes] = {}

    def read(self, key: str, version_id: str | None = None) -> bytes:  # noqa: ARG002 - versions do not matter here
        """All bytes. Raises NotFoundError as the port does; S3 bills that, too."""
        self.requests["read"] += 1
        if key not in self._objects:
            raise NotFoundError(key)
        return self._objects[key]

    @contextmanager
    def open(self, key: str, version_id: str | None = None) -> Iterator[IO[bytes]]:
        """The bytes as a file."""
        yield io.BytesIO(self.read(key, version_id))

    def write(self, key: str, body: bytes | IO[bytes], content_type: str = "application/octet-stream") -> None:  # noqa: ARG002
        """Keep an object."""
        self.requests["write"] += 1
        self._objects[key] = body if isinstance(body, bytes) else body.read()

    def exists(self, key: str) -> bool:
        """Whether it is there."""
        self.requests["read"] += 1
        return key in self._objects

    def list_objects(self, prefix: str, start_after: str = "") -> Iterator[StoredObject]:
        """Objects below the prefix, a thousand a request."""
        found = sorted(key for key in self._objects if key.startswith(prefix) and key > start_after)
        self.requests["write"] += max(1, -(-len(found) // LISTED_AT_ONCE))
        return (StoredObject(self.bucket, key, "", len(self._objects[key])) for key in found)

    def delete_prefix(self, prefix: str) -> int:
        """Delete what is below the prefix. Deleting is free, looking what there is costs a listing."""
        found = [stored.key for stored in self.list_objects(prefix)]
        for key in found:
            del self._objects[key]
        return len(found)
