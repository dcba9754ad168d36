"""Textract: StartDocumentTextDetection and GetDocumentTextDetection."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable
from typing import Any

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.documents import DocumentNotReadableError, DocumentStore
from devstack.modelserver.pages import UnreadableDocumentError, check_not_encrypted
from devstack.modelserver.quotas import RateLimit
from devstack.modelserver.settings import Quotas
from devstack.modelserver.textract_jobs import BLOCKS_A_PART, Job, JobTable

MODEL_VERSION = "1.0"
KEPT_SECONDS = 7 * 24 * 3600  # Textract forgets a result after seven days
TOKEN = re.compile(r"[a-zA-Z0-9\-_]{1,64}")
TAG = re.compile(r"[a-zA-Z0-9_.\-:]{1,64}")


class Textract:
    """The operations, from parsed request to response body.

    Args:
        jobs: where jobs are kept.
        documents: where the documents are.
        begin: told of every new job.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        jobs: JobTable,
        documents: DocumentStore,
        quotas: Quotas,
        begin: Callable[[Job], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._jobs = jobs
        self._documents = documents
        self._quotas = quotas
        self._begin = begin
        self._clock = clock
        self._starts = RateLimit(quotas.textract_starts_per_second, clock)
        self._gets = RateLimit(quotas.textract_gets_per_second, clock)
        self.operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "StartDocumentTextDetection": self.start,
            "GetDocumentTextDetection": self.get,
        }

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartDocumentTextDetection."""
        _admit(self._starts)
        _check(request)
        if earlier := self._same_start(request):
            return {"JobId": earlier.id}
        limit = self._quotas.textract_jobs_at_once
        if limit is not None and self._jobs.running() >= limit:
            raise AwsError("LimitExceededException", "Open jobs exceed maximum concurrent job limit")
        self._check_document(request["DocumentLocation"]["S3Object"])
        job = self._jobs.add(request, self._clock())
        self._begin(job)
        return {"JobId": job.id}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetDocumentTextDetection."""
        _admit(self._gets)
        job = self._jobs.find(str(request.get("JobId")))
        if job is None or self._clock() - job.created > KEPT_SECONDS:
            raise AwsError("InvalidJobIdException", "Request has invalid Job Id")
        limit = request.get("MaxResults", BLOCKS_A_PART)
        if not isinstance(limit, int) or limit < 1:
            raise _invalid("MaxResults must be at least 1")
        answer: dict[str, Any] = {"JobStatus": job.status, "DetectDocumentTextModelVersion": MODEL_VERSION}
        if job.status == "FAILED":
            return answer | {"StatusMessage": job.message, "Blocks": []}
        if job.status == "IN_PROGRESS":
            return answer
        return answer | self._page_of_results(job, request.get("NextToken"), min(limit, BLOCKS_A_PART))

    def _page_of_results(self, job: Job, token: str | None, limit: int) -> dict[str, Any]:
        start = _read_token(job, token) if token else 0
        blocks = self._jobs.read_blocks(job, start, limit)
        answer: dict[str, Any] = {"DocumentMetadata": {"Pages": job.pages}, "Blocks": blocks}
        if start + len(blocks) < job.blocks:
            answer["NextToken"] = _make_token(job, start + len(blocks))
        if job.unreadable_pages:
            answer["Warnings"] = [{"ErrorCode": "UNREADABLE_PAGE", "Pages": list(job.unreadable_pages)}]
        return answer

    def _same_start(self, request: dict[str, Any]) -> Job | None:
        token = request.get("ClientRequestToken")
        earlier = self._jobs.find_by_token(token) if token else None
        if earlier is not None and earlier.request != request:
            raise AwsError(
                "IdempotentParameterMismatchException", "A ClientRequestToken was reused with different parameters"
            )
        return earlier

    def _check_document(self, location: dict[str, Any]) -> None:
        try:
            content = self._documents.read(location["Bucket"], location["Name"], location.get("Version"))
        except DocumentNotReadableError as error:
            raise AwsError(
                "InvalidS3ObjectException",
                "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
            ) from error
        if len(content) > self._quotas.textract_bytes:
            raise AwsError("DocumentTooLargeException", "Request has unsupported document size")
        try:
            check_not_encrypted(content)
        except UnreadableDocumentError as error:
            raise AwsError("UnsupportedDocumentException", "Request has unsupported document format") from error


def _admit(limit: RateLimit) -> None:
    if not limit.admits():
        raise AwsError("ProvisionedThroughputExceededException", "Provisioned rate exceeded")


def _check(request: dict[str, Any]) -> None:
    location = (request.get("DocumentLocation") or {}).get("S3Object") or {}
    if not location.get("Bucket") or not location.get("Name"):
        raise _invalid("Request has invalid parameters: DocumentLocation.S3Object needs Bucket and Name")
    for name, pattern in (("ClientRequestToken", TOKEN), ("JobTag", TAG)):
        if name in request and not pattern.fullmatch(request[name]):
            raise _invalid(f"Request has invalid parameters: {name} must match {pattern.pattern}")
    for name in ("OutputConfig", "KMSKeyId"):
        if name in request:
            raise _invalid(f"{name} is not offered by the local model server")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def _make_token(job: Job, position: int) -> str:
    return base64.urlsafe_b64encode(f"{job.id}:{position}".encode()).decode()


def _read_token(job: Job, token: str) -> int:
    try:
        job_id, _, position = base64.urlsafe_b64decode(token).decode().partition(":")
        if job_id == job.id:
            return int(position)
    except (binascii.Error, ValueError):
        pass
    raise _invalid("Request has invalid parameters: NextToken")
