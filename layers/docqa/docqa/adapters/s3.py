"""Objects of one S3 bucket."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from docqa.adapters.aws_errors import aws_errors, code_of
from docqa.errors import NotFoundError, ServiceUnavailableError
from docqa.models.document import StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Above this an opened object goes to the disk: a step holds one document and must stay far below 1 GB.
SPILL_BYTES = 16 * 1024 * 1024
# What one DeleteObjects call takes.
DELETE_BATCH = 1_000

# A HEAD has no body, hence no code: botocore gives the status instead. A delete marker's version answers 405.
_ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "404", "NotFound", "405", "MethodNotAllowed"})


class S3ObjectStore:
    """Implements `ports.ObjectStore`.

    Args:
        client: boto3's `s3`.
        bucket: Its name.
        tags: What is written gets these, as `name=value&…`; empty: none.
    """

    def __init__(self, client: S3Client, bucket: str, tags: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._tags = tags

    @property
    def bucket(self) -> str:
        """Name of the bucket."""
        return self._bucket

    def head(self, key: str, version_id: str | None = None) -> StoredObject | None:
        """The current version, or the named one; None when there is none."""
        version: Any = {"VersionId": version_id} if version_id else {}
        try:
            with aws_errors("S3"):
                found = self._client.head_object(Bucket=self._bucket, Key=key, **version)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise
        return StoredObject(
            bucket=self._bucket,
            key=key,
            version_id=found.get("VersionId", ""),
            size=found["ContentLength"],
            metadata={name.lower(): value for name, value in found.get("Metadata", {}).items()},
            modified_at=found["LastModified"].timestamp(),
            etag=found.get("ETag", ""),
        )

    def versions(self, key: str) -> list[StoredObject]:
        """Versions since the key was last deleted, newest first.

        S3 lists versions and delete markers apart, with times of whole seconds: of two within one second only the
        current one is known to be the later.
        """
        deleted_at, found = float("-inf"), []
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
        with aws_errors("S3"):
            for page in pages:
                markers = [
                    one["LastModified"].timestamp() for one in page.get("DeleteMarkers", []) if one["Key"] == key
                ]
                deleted_at = max([deleted_at, *markers])
                found += [one for one in page.get("Versions", []) if one["Key"] == key]
                if page.get("NextKeyMarker", key) != key:
                    break  # keys come in order: the key's own versions are listed
        return [
            StoredObject(self._bucket, key, one["VersionId"], one["Size"], modified_at=one["LastModified"].timestamp())
            for one in found
            if one["IsLatest"] or one["LastModified"].timestamp() > deleted_at
        ]

    @contextmanager
    def open(self, key: str, version_id: str | None = None) -> Iterator[IO[bytes]]:
        """A seekable binary file with the object's bytes."""
        with tempfile.SpooledTemporaryFile(max_size=SPILL_BYTES) as file:
            body = self._get(key, version_id)
            with aws_errors("S3"), body:
                shutil.copyfileobj(body, file, 1024 * 1024)
            file.seek(0)
            yield file

    def read(self, key: str, version_id: str | None = None) -> bytes:
        """All bytes of a small object."""
        body = self._get(key, version_id)
        with aws_errors("S3"), body:
            return bytes(body.read())

    def _get(self, key: str, version_id: str | None) -> Any:
        version = {"VersionId": version_id} if version_id else {}
        try:
            with aws_errors("S3"):
                return self._client.get_object(Bucket=self._bucket, Key=key, **version)["Body"]  # type: ignore[arg-type]
        except ClientError as error:
            if code_of(error) in _ABSENT:
                raise NotFoundError("the object, or this version of it, is not in the bucket") from error
            raise

    def write(self, key: str, body: bytes | IO[bytes], content_type: str = "application/octet-stream") -> None:
        """Write an object, replacing what was there."""
        tagged: Any = {"Tagging": self._tags} if self._tags else {}
        with aws_errors("S3"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, **tagged)

    def copy(self, bucket: str, key: str, version_id: str, to: str) -> None:
        """Have S3 copy one version, up to 5 GB, without its metadata and tags."""
        source: Any = {"Bucket": bucket, "Key": key, "VersionId": version_id}
        try:
            with aws_errors("S3"):
                self._client.copy_object(
                    Bucket=self._bucket,
                    Key=to,
                    CopySource=source,
                    MetadataDirective="REPLACE",
                    TaggingDirective="REPLACE",
                )
        except ClientError as error:
            if code_of(error) in _ABSENT:
                raise NotFoundError("the object, or this version of it, is not in the bucket") from error
            raise

    def exists(self, key: str) -> bool:
        """Whether the object is there."""
        return self.head(key) is not None

    def list_objects(self, prefix: str, start_after: str = "") -> Iterator[StoredObject]:
        """Objects below the prefix in key order."""
        after: Any = {"StartAfter": start_after} if start_after else {}
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix, **after)
        with aws_errors("S3"):
            for page in pages:
                for found in page.get("Contents", []):
                    yield StoredObject(self._bucket, found["Key"], version_id="", size=found["Size"])

    def latest_versions(self, start_after: str = "") -> Iterator[StoredObject]:
        """The latest version at every key, in key order; an empty `version_id` where the key was deleted."""
        after: Any = {"KeyMarker": start_after} if start_after else {}
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, **after)
        with aws_errors("S3"):
            for page in pages:
                written = [
                    StoredObject(
                        self._bucket, one["Key"], one["VersionId"], one["Size"], {}, one["LastModified"].timestamp()
                    )
                    for one in page.get("Versions", [])
                    if one["IsLatest"]
                ]
                deleted = [
                    StoredObject(self._bucket, one["Key"], "", 0, {}, one["LastModified"].timestamp())
                    for one in page.get("DeleteMarkers", [])
                    if one["IsLatest"]
                ]
                yield from sorted([*written, *deleted], key=lambda one: one.key.encode())

    def delete_prefix(self, prefix: str) -> int:
        """Delete everything below the prefix."""
        if not prefix.endswith("/"):
            raise ValueError(f"{prefix!r} must end with a slash: 'a/1' would also delete 'a/10'")
        deleted = 0
        found = self.list_objects(prefix)
        while keys := [{"Key": item.key} for item in islice(found, DELETE_BATCH)]:
            with aws_errors("S3"):
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": keys, "Quiet": True})  # type: ignore[typeddict-item]
            if refused := answer.get("Errors"):
                raise ServiceUnavailableError(f"S3 kept {len(refused)} objects: {refused[0].get('Code')}")
            deleted += len(keys)
        return deleted

    def delete(self, key: str) -> None:
        """Delete the current version."""
        with aws_errors("S3"):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def delete_version(self, key: str, version_id: str) -> None:
        """Take one version away for good."""
        with aws_errors("S3"):
            self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=version_id)

    def presign_get(
        self, key: str, version_id: str, filename: str, media_type: str, seconds: int, *, attachment: bool = False
    ) -> str:
        """A short-lived address that shows this version in a browser, or has it saved."""
        version = {"VersionId": version_id} if version_id else {}
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentType": media_type,
                "ResponseContentDisposition": disposition(filename, attachment=attachment),
                **version,
            },
            ExpiresIn=seconds,
        )

    def presign_post(self, key: str, max_bytes: int, fields: Mapping[str, str], seconds: int) -> dict[str, Any]:
        """`{"url", "fields"}` for a form upload of exactly this key with these fields fixed."""
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        conditions.append(["content-length-range", 1, max_bytes])
        return self._client.generate_presigned_post(
            self._bucket, key, Fields=dict(fields), Conditions=conditions, ExpiresIn=seconds
        )


def disposition(filename: str, *, attachment: bool) -> str:
    """Content-Disposition for showing or saving a file of this name, whatever letters it has (RFC 6266)."""
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename*=UTF-8''{quote(filename, safe='')}"
