"""What a transform job reads: which objects, where the output of each goes, and what is sent to the container."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from devstack.modelserver.arns import bucket_and_key
from devstack.modelserver.documents import DocumentNotReadableError, ObjectStore, StorageUnavailableError

MIB = 1024 * 1024
MAX_PAYLOAD_MB = 6
MULTI_RECORD = "MultiRecord"


class BadInputError(Exception):
    """A file, or the whole input, cannot be transformed."""


@dataclass(frozen=True)
class InputFile:
    """One object, and its path below the output's prefix, without `.out`."""

    bucket: str
    key: str
    path: str


def input_files(request: dict[str, Any], objects: ObjectStore) -> list[InputFile]:
    """The objects of a job.

    Raises:
        BadInputError: there are none, or the manifest cannot be read.
        StorageUnavailableError: try again.
    """
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    place = bucket_and_key(source["S3Uri"])
    if place is None:
        raise BadInputError(f"{source['S3Uri']} is no S3 address")
    files = _listed(*place, objects) if source["S3DataType"] == "ManifestFile" else _below(*place, objects)
    if not files:
        raise BadInputError(f"No S3 objects found under S3 URL {source['S3Uri']} given in the input data source")
    return files


def payloads(request: dict[str, Any], content: bytes) -> Iterator[bytes]:
    """Bodies for the container, in the order of the records.

    Raises:
        BadInputError: a record, or the file that is not split, is larger than MaxPayloadInMB.
    """
    given = request["TransformInput"]
    if given.get("CompressionType") == "Gzip":
        content = _unpacked(content)
    most = request.get("MaxPayloadInMB", MAX_PAYLOAD_MB) * MIB
    if given.get("SplitType", "None") == "None":
        yield _fitting(content, most)
        return
    records = (_fitting(line, most) for line in content.split(b"\n") if line.strip())
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html names no default
    if request.get("BatchStrategy", MULTI_RECORD) == MULTI_RECORD:
        yield from _packed(records, most)
    else:
        yield from records


def _below(bucket: str, prefix: str, objects: ObjectStore) -> list[InputFile]:
    """Objects whose keys begin so; their paths begin after the last slash of the prefix."""
    start = prefix.rfind("/") + 1
    return [
        InputFile(bucket, found.key, found.key[start:])
        for found in objects.list_objects(bucket, prefix)
        if not found.key.endswith("/")  # a folder made in the console
    ]


def _listed(bucket: str, key: str, objects: ObjectStore) -> list[InputFile]:
    """Objects of a manifest: [{"prefix": "s3://bucket/some/"}, "relative/path", …]."""
    try:
        first, *paths = json.loads(objects.read(bucket, key, None))
        prefix = bucket_and_key(first["prefix"])
        assert prefix is not None
        return [InputFile(prefix[0], f"{prefix[1]}{path}", str(path)) for path in paths]
    except StorageUnavailableError:
        raise
    except (DocumentNotReadableError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise BadInputError(f"the manifest s3://{bucket}/{key} cannot be read") from error


def _unpacked(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise BadInputError("the file is not compressed with gzip") from error


def _fitting(payload: bytes, most: int) -> bytes:
    if len(payload) > most:
        raise BadInputError(f"a payload of {len(payload)} bytes is larger than MaxPayloadInMB")
    return payload


def _packed(records: Iterator[bytes], most: int) -> Iterator[bytes]:
    """As many records in a payload as fit, a line each."""
    batch: list[bytes] = []
    size = 0
    for record in records:
        if batch and size + len(record) + 1 > most:
            yield b"\n".join(batch)
            batch, size = [], 0
        batch.append(record)
        size += len(record) + 1
    if batch:
        yield b"\n".join(batch)
