"""Textract: starting text detection and analysis, and getting their results."""

from __future__ import annotations

import base64
import binascii
import re
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.documents import DocumentNotReadableError, DocumentStore
from devstack.modelserver.pages import UnreadableDocumentError, check_can_be_opened, document_kind
from devstack.modelserver.settings import Quotas
from devstack.modelserver.textract_control import TextractControl
from devstack.modelserver.textract_jobs import BLOCKS_A_PART, Job, JobTable

MODEL_VERSION = "1.0"
KEPT_SECONDS = 7 * 24 * 3600  # Textract forgets a result after seven days
TOKEN = re.compile(r"[a-zA-Z0-9\-_]{1,64}")
TAG = re.compile(r"[a-zA-Z0-9_.\-:]{1,64}")


TEXT_DETECTION, ANALYSIS = "StartDocumentTextDetection", "StartDocumentAnalysis"
MODEL_VERSION_OF = {TEXT_DETECTION: "DetectDocumentTextModelVersion", ANALYSIS: "AnalyzeDocumentModelVersion"}
FEATURES = frozenset({"TABLES", "FORMS", "LAYOUT", "SIGNATURES"})


class Textract:
    """The operations, from parsed request to response body.

    Args:
        jobs: where jobs are kept.
        documents: where the documents are.
        quotas: how large a document may be.
        control: quotas and faults that change while the server runs.
        begin: told of every new job.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        jobs: JobTable,
        documents: DocumentStore,
        quotas: Quotas,
        control: TextractControl,
        begin: Callable[[Job], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._jobs = jobs
        self._documents = documents
        self._quotas = quotas
        self._control = control
        self._begin = begin
        self._clock = clock
        self._places = threading.Lock()
        self.operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            TEXT_DETECTION: partial(self.start, TEXT_DETECTION),
            "GetDocumentTextDetection": partial(self.get, TEXT_DETECTION),
            ANALYSIS: partial(self.start, ANALYSIS),
            "GetDocumentAnalysis": partial(self.get, ANALYSIS),
        }

    def start(self, api: str, request: dict[str, Any]) -> dict[str, Any]:
        """StartDocumentTextDetection or StartDocumentAnalysis."""
        self._control.admit_start()
        _check(request)
        if api == ANALYSIS:
            _check_features(request)
        if earlier := self._same_start(api, request):
            return {"JobId": earlier.id}
        self._check_places()
        self._check_document(request["DocumentLocation"]["S3Object"])
        with self._places:
            if earlier := self._same_start(api, request):
                return {"JobId": earlier.id}
            self._check_places()
            job = self._jobs.add(api, request, self._clock())
            self._control.note_running(self._jobs.running())
        self._control.count("starts")
        self._begin(job)
        return {"JobId": job.id}

    def get(self, api: str, request: dict[str, Any]) -> dict[str, Any]:
        """GetDocumentTextDetection or GetDocumentAnalysis, by the operation that started the job."""
        self._control.admit_get()
        job = self._jobs.find(str(request.get("JobId")))
        if job is None or job.api != api or self._clock() - job.created > KEPT_SECONDS:
            raise AwsError("InvalidJobIdException", "Request has invalid Job Id")
        limit = request.get("MaxResults", BLOCKS_A_PART)
        if not isinstance(limit, int) or limit < 1:
            raise _invalid("MaxResults must be at least 1")
        answer: dict[str, Any] = {"JobStatus": job.status, MODEL_VERSION_OF[api]: MODEL_VERSION}
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

    def _same_start(self, api: str, request: dict[str, Any]) -> Job | None:
        token = request.get("ClientRequestToken")
        earlier = self._jobs.find_by_token(api, token) if token else None
        if earlier is None:
            return None
        if earlier.request != request:
            raise AwsError(
                "IdempotentParameterMismatchException", "A ClientRequestToken was reused with different parameters"
            )
        self._control.count("repeated_starts")
        return earlier

    def _check_places(self) -> None:
        limit = self._control.behaviour.jobs_at_once
        if limit is not None and self._jobs.running() >= limit:
            self._control.count("refused_by_jobs")
            raise AwsError("LimitExceededException", "Open jobs exceed maximum concurrent job limit")

    def _check_document(self, location: dict[str, Any]) -> None:
        try:
            content = self._documents.read(location["Bucket"], location["Name"], location.get("Version"))
        except DocumentNotReadableError as error:
            raise AwsError(
                "InvalidS3ObjectException",
                "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
            ) from error
        try:
            kind = document_kind(content)
            most = self._quotas.textract_picture_bytes if kind == "picture" else self._quotas.textract_bytes
            if len(content) > most:
                raise AwsError("DocumentTooLargeException", "Request has unsupported document size")
            check_can_be_opened(content)
        except UnreadableDocumentError as error:
            raise AwsError("UnsupportedDocumentException", "Request has unsupported document format") from error


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


def _check_features(request: dict[str, Any]) -> None:
    features = request.get("FeatureTypes")
    if not isinstance(features, list) or not features or not FEATURES.issuperset(features):
        raise _invalid(f"Request has invalid parameters: FeatureTypes must be some of {', '.join(sorted(FEATURES))}")


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
