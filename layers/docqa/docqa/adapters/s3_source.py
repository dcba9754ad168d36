"""A bucket of somebody else's that documents are taken over from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from docqa.adapters.aws_errors import aws_errors, code_of
from docqa.errors import ForbiddenError, NotFoundError
from docqa.models.backfill import SourceObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Says which bytes a copy is of: a second run, or one that died half-way, sees what is there already.
COPIED_FROM = "docqa-copied-from"
_ABSENT = frozenset({"NoSuchKey", "NoSuchBucket", "404", "NotFound"})
_REFUSED = frozenset({"AccessDenied", "403", "Forbidden"})


class S3SourceBucket:
    """Implements `ports.SourceBucket`: S3 copies by itself, no byte comes through here.

    Args:
        client: boto3's `s3`.
        target: The documents bucket.
    """

    def __init__(self, client: S3Client, target: str) -> None:
        self._client = client
        self._target = target

    def objects(self, bucket: str, prefix: str, after: str) -> Iterator[SourceObject]:
        """Objects below a prefix, in key order."""
        start: Any = {"StartAfter": after} if after else {}
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **start)
        try:
            with aws_errors("S3"):
                for page in pages:
                    for found in page.get("Contents", []):
                        yield SourceObject(found["Key"], found["Size"], found["ETag"].strip('"'))
        except ClientError as error:
            raise _fault(error, bucket) or error from error

    def take_over(self, bucket: str, source: SourceObject, key: str) -> bool:
        """Copy an object, unless the same bytes were copied before."""
        if self._copied_from(key) == source.etag:
            return False
        try:
            with aws_errors("S3"):
                self._client.copy_object(
                    Bucket=self._target,
                    Key=key,
                    CopySource={"Bucket": bucket, "Key": source.key},
                    MetadataDirective="REPLACE",
                    Metadata={COPIED_FROM: source.etag},
                )
        except ClientError as error:
            raise _fault(error, bucket) or error from error
        return True

    def _copied_from(self, key: str) -> str:
        try:
            with aws_errors("S3"):
                found = self._client.head_object(Bucket=self._target, Key=key)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return ""
            raise
        return found.get("Metadata", {}).get(COPIED_FROM, "")


def _fault(error: ClientError, bucket: str) -> Exception | None:
    if code_of(error) in _ABSENT:
        return NotFoundError(f"the bucket {bucket}, or an object in it, is not there")
    if code_of(error) in _REFUSED:
        return ForbiddenError(f"the bucket {bucket} may not be read: name it in BackfillBucketArns")
    return None
