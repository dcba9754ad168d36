"""The input of a batch job: which files, how many records, and whether they are records at all."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from devstack.modelserver.arns import bucket_and_key
from devstack.modelserver.batch_inference.behaviour import BedrockBehaviour
from devstack.modelserver.batch_inference.jobs import ID_LETTERS, VALIDATING, BatchJob
from devstack.modelserver.documents import DocumentNotReadableError, ObjectStore, StorageUnavailableError

# https://docs.aws.amazon.com/general/latest/gr/bedrock.html, "Batch inference input file size" and "… job size"
FILE_BYTES = 1024**3
JOB_BYTES = 5 * 1024**3
RECORD_ID_LENGTH = 11


class BadJobError(Exception):
    """The job does not pass its validation."""


@dataclass(frozen=True)
class RecordFile:
    """One file of a job, read; lines without their ends."""

    name: str
    lines: list[bytes]

    def records(self) -> Iterator[dict[str, Any]]:
        """Its records, each with an id: Bedrock gives one to those without."""
        for line in self.lines:
            record = json.loads(line)
            yield {"recordId": record.get("recordId") or _record_id(), "modelInput": record["modelInput"]}


def record_files(job: BatchJob, objects: ObjectStore, behaviour: BedrockBehaviour) -> list[RecordFile]:
    """The files of a job that passes its validation.

    Raises:
        BadJobError: it does not.
        StorageUnavailableError: try again.
    """
    uri = job.request["inputDataConfig"]["s3InputDataConfig"]["s3Uri"]
    bucket, key = bucket_and_key(uri) or ("", "")
    found = [one for one in objects.list_objects(bucket, key) if one.key.endswith(".jsonl")]
    # A folder holds the files right in it; `input` is not the front of `inputs.jsonl`.
    folder = key if not key or key.endswith("/") else f"{key}/"
    found = [one for one in found if one.key == key or one.key.startswith(folder)]
    if not found:
        raise BadJobError(f"Batch job {job.arn} found no .jsonl file at {uri}.")
    if max(one.size for one in found) > FILE_BYTES or sum(one.size for one in found) > JOB_BYTES:
        raise BadJobError(f"Batch job {job.arn} has more input than the quotas allow.")
    files = [_read(bucket, one.key, one.key.rpartition("/")[2], objects) for one in found]
    count = sum(len(file.lines) for file in files)
    if job.status != VALIDATING:
        return files  # it has passed
    if count < (least := behaviour.least_records):
        raise BadJobError(f"Batch job {job.arn} contains less records ({count}) than the required minimum of: {least}")
    if count > (most := behaviour.most_records):
        raise BadJobError(f"Batch job {job.arn} contains more records ({count}) than the allowed maximum of: {most}")
    return files


def _read(bucket: str, key: str, name: str, objects: ObjectStore) -> RecordFile:
    try:
        content = objects.read(bucket, key, None)
    except StorageUnavailableError:
        raise
    except DocumentNotReadableError as error:
        raise BadJobError(f"The file {name} cannot be read.") from error
    lines = [line for line in content.split(b"\n") if line.strip()]
    for number, line in enumerate(lines, start=1):
        if not _is_record(line):
            raise BadJobError(f"Line {number} of {name} is no JSON object with a modelInput.")
    return RecordFile(name, lines)


def _is_record(line: bytes) -> bool:
    try:
        record = json.loads(line)
    except ValueError:
        return False
    return isinstance(record, dict) and isinstance(record.get("modelInput"), dict)


def _record_id() -> str:
    return "".join(secrets.choice(ID_LETTERS.upper()) for _ in range(RECORD_ID_LENGTH))
