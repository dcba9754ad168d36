"""A versioned bucket in memory: versions, delete markers, and what takes them away again."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, Any

from docqa.errors import NotFoundError
from docqa.models.document import StoredObject


@dataclass(frozen=True)
class Version:
    version_id: str
    body: bytes = b""
    metadata: dict[str, str] = field(default_factory=dict)
    marker: bool = False
    modified_at: float = 0.0


class VersionedBucket:
    def __init__(self, name: str = "documents", others: Sequence[VersionedBucket] = ()) -> None:
        self.name = name
        self.others = others
        self.versions_of: dict[str, list[Version]] = {}
        self._count = 0

    @property
    def bucket(self) -> str:
        return self.name

    # --- what others do to the bucket

    def put(self, key: str, body: bytes = b"text", metadata: dict[str, str] | None = None) -> str:
        return self._add(key, Version(self._next(), body, metadata or {}))

    def delete(self, key: str) -> None:
        self._add(key, Version(self._next(), marker=True))

    def delete_some_version(self, key: str, which: int) -> None:
        """Take away one version or marker, counted from the oldest; nothing happens when there is none."""
        stack = self.versions_of.get(key, [])
        if stack:
            del stack[which % len(stack)]

    def delete_version(self, key: str, version_id: str) -> None:
        stack = self.versions_of.get(key, [])
        stack[:] = [one for one in stack if one.version_id != version_id]

    def current(self, key: str) -> Version | None:
        stack = self.versions_of.get(key)
        return stack[-1] if stack and not stack[-1].marker else None

    def objects(self) -> dict[str, bytes]:
        """Current bytes by key."""
        return {one.key: self.read(one.key) for one in self.list_objects("")}

    # --- ports.ObjectStore

    def head(self, key: str, version_id: str | None = None) -> StoredObject | None:
        found = self.current(key) if version_id is None else self._version(key, version_id)
        if found is None or found.marker:
            return None
        return replace(self._stored(key, found), etag=f'"{hashlib.md5(found.body, usedforsecurity=False).hexdigest()}"')

    def versions(self, key: str) -> list[StoredObject]:
        since_deletion: list[StoredObject] = []
        for version in reversed(self.versions_of.get(key, [])):
            if version.marker:
                break
            since_deletion.append(replace(self._stored(key, version), metadata={}))
        return since_deletion

    @contextmanager
    def open(self, key: str, version_id: str | None = None) -> Iterator[IO[bytes]]:
        yield io.BytesIO(self.read(key, version_id))

    def read(self, key: str, version_id: str | None = None) -> bytes:
        found = self.current(key) if version_id is None else self._version(key, version_id)
        if found is None or found.marker:
            raise NotFoundError("the object, or this version of it, is not in the bucket")
        return found.body

    def write(self, key: str, body: bytes | IO[bytes], content_type: str = "application/octet-stream") -> None:
        self.put(key, body if isinstance(body, bytes) else body.read())

    def copy(self, bucket: str, key: str, version_id: str, to: str) -> None:
        (source,) = (one for one in (self, *self.others) if one.bucket == bucket)
        self.put(to, source.read(key, version_id))

    def exists(self, key: str) -> bool:
        return self.current(key) is not None

    def list_objects(self, prefix: str, start_after: str = "") -> Iterator[StoredObject]:
        for key in sorted(self.versions_of):
            found = self.current(key)
            if found is not None and key.startswith(prefix) and key > start_after:
                yield StoredObject(self.name, key, "", len(found.body), modified_at=found.modified_at)

    def latest_versions(self, start_after: str = "") -> Iterator[StoredObject]:
        for key in sorted(self.versions_of):
            if key > start_after and self.versions_of[key]:
                latest = replace(self._stored(key, self.versions_of[key][-1]), metadata={})
                yield replace(latest, version_id="") if self.versions_of[key][-1].marker else latest

    def delete_prefix(self, prefix: str) -> int:
        doomed = [one.key for one in self.list_objects(prefix)]
        for key in doomed:
            self.delete(key)
        return len(doomed)

    def _version(self, key: str, version_id: str) -> Version | None:
        return next((one for one in self.versions_of.get(key, []) if one.version_id == version_id), None)

    def _stored(self, key: str, version: Version) -> StoredObject:
        size = len(version.body)
        return StoredObject(self.name, key, version.version_id, size, version.metadata, version.modified_at)

    def presign_get(
        self, key: str, version_id: str, filename: str, media_type: str, seconds: int, *, attachment: bool = False
    ) -> str:
        kind = "attachment" if attachment else "inline"
        return (
            f"https://{self.name}.test/{key}?versionId={version_id}&type={media_type}&{kind}={filename}&for={seconds}"
        )

    def presign_post(self, key: str, max_bytes: int, fields: Mapping[str, str], seconds: int) -> dict[str, Any]:
        form = {**fields, "key": key, "policy": f"size<={max_bytes} for={seconds}"}
        return {"url": f"https://{self.name}.test/", "fields": form}

    def _add(self, key: str, version: Version) -> str:
        self.versions_of.setdefault(key, []).append(replace(version, modified_at=float(self._count)))
        return version.version_id

    def _next(self) -> str:
        self._count += 1
        return f"v{self._count}"
