"""A bucket in memory: the same contract tests as the S3 one (tests/contracts)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from docqa.errors import NotFoundError
from docqa.models.document import StoredObject


@dataclass
class InMemoryObjectStore:
    """Keys to versions; the last one is current, None is a delete marker."""

    bucket: str = "bucket"
    versions: dict[str, list[bytes | None]] = field(default_factory=dict)

    def put(self, key: str, body: bytes) -> StoredObject:
        """Write as somebody outside would; the object as it now is."""
        self.versions.setdefault(key, []).append(body)
        stored = self.head(key)
        assert stored is not None
        return stored

    @property
    def objects(self) -> dict[str, bytes]:
        """Current bytes by key."""
        return {key: versions[-1] for key, versions in self.versions.items() if versions[-1] is not None}

    def head(self, key: str) -> StoredObject | None:
        body = self.objects.get(key)
        if body is None:
            return None
        return StoredObject(self.bucket, key, f"v{len(self.versions[key])}", len(body))

    @contextmanager
    def open(self, key: str, version_id: str | None = None) -> Iterator[IO[bytes]]:
        yield io.BytesIO(self.read(key, version_id))

    def read(self, key: str, version_id: str | None = None) -> bytes:
        versions = self.versions.get(key, [])
        index = int(version_id[1:]) - 1 if version_id else len(versions) - 1
        body = versions[index] if 0 <= index < len(versions) else None
        if body is None:
            raise NotFoundError(f"no {key} in {self.bucket}")
        return body

    def write(self, key: str, body: bytes | IO[bytes], content_type: str = "application/octet-stream") -> None:
        self.put(key, body if isinstance(body, bytes) else body.read())

    def exists(self, key: str) -> bool:
        return key in self.objects

    def list_objects(self, prefix: str, start_after: str = "") -> Iterator[StoredObject]:
        for key, body in sorted(self.objects.items()):
            if key.startswith(prefix) and key > start_after:
                yield StoredObject(self.bucket, key, "", len(body))

    def delete_prefix(self, prefix: str) -> int:
        found = [key for key in self.objects if key.startswith(prefix)]
        for key in found:
            self.delete(key)
        return len(found)

    def delete(self, key: str) -> None:
        if key in self.versions:
            self.versions[key].append(None)

    def presign_get(self, key: str, version_id: str, filename: str, media_type: str, seconds: int) -> str:
        return (
            f"memory://{self.bucket}/{key}?versionId={version_id}&name={filename}&type={media_type}&expires={seconds}"
        )

    def presign_post(self, key: str, max_bytes: int, fields: Mapping[str, str], seconds: int) -> dict[str, Any]:
        conditions = {"max_bytes": max_bytes, "seconds": seconds}
        return {"url": f"memory://{self.bucket}", "fields": {"key": key, **fields}, "conditions": conditions}
