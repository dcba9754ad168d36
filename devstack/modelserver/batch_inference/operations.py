"""Bedrock's batch jobs: starting, getting, stopping and listing them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from devstack.modelserver.aws_errors import AwsError, validation_error
from devstack.modelserver.batch_inference.answers import described, matches
from devstack.modelserver.batch_inference.behaviour import BedrockControl
from devstack.modelserver.batch_inference.checks import check
from devstack.modelserver.batch_inference.jobs import STOPPING, BatchJob, BatchTable
from devstack.modelserver.paging import page

MOST_LISTED = 1000


class BatchInference:
    """The operations, from parsed request to response body.

    Args:
        table: where jobs are kept.
        control: faults and limits.
        begin: told of every new job.
        changed: told of every job whose status changed.
    """

    def __init__(
        self,
        table: BatchTable,
        control: BedrockControl,
        begin: Callable[[BatchJob], None],
        changed: Callable[[BatchJob], None],
    ) -> None:
        self._table = table
        self._control = control
        self._begin = begin
        self._changed = changed
        self._starting = threading.Lock()

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateModelInvocationJob; a token that is known is the job that was started with it."""
        self._control.admit_job()
        check(request)
        with self._starting:
            token = request.get("clientRequestToken")
            if token is not None and (earlier := self._table.find_by_token(token)) is not None:
                self._control.count("repeated_batch_jobs")
                return {"jobArn": earlier.arn}
            most = self._control.behaviour.jobs_at_once
            if most is not None and sum(not job.is_over for job in self._table.all()) >= most:
                raise AwsError("ServiceQuotaExceededException", f"You have reached the quota of {most} batch jobs.")
            job = self._table.add(request)
        self._control.count("batch_jobs")
        self._changed(job)
        self._begin(job)
        return {"jobArn": job.arn}

    def get(self, identifier: str) -> dict[str, Any]:
        """GetModelInvocationJob, by id or ARN."""
        return described(self._job(identifier))

    def stop(self, identifier: str) -> dict[str, Any]:
        """StopModelInvocationJob, by id or ARN."""
        job = self._job(identifier)
        if job.is_over:
            raise AwsError("ConflictException", f"The job is in status {job.status} and cannot be stopped.")
        if job.status != STOPPING:
            self._changed(self._table.change(job, status=STOPPING))
        return {}

    def list_jobs(self, query: dict[str, str]) -> dict[str, Any]:
        """ListModelInvocationJobs."""
        found = sorted((job for job in self._table.all() if matches(job, query)), key=lambda job: job.submitted)
        if query.get("sortOrder", "Descending") == "Descending":
            found.reverse()
        bad_token = validation_error("nextToken is not one that ListModelInvocationJobs gave.")
        shown, token = page(found, query.get("nextToken"), int(query.get("maxResults", MOST_LISTED)), bad_token)
        answer: dict[str, Any] = {"invocationJobSummaries": [described(job) for job in shown]}
        return answer if token is None else answer | {"nextToken": token}

    def _job(self, identifier: str) -> BatchJob:
        job = self._table.find(identifier)
        if job is None:
            raise AwsError("ResourceNotFoundException", "Could not find the requested model invocation job.", 404)
        return job
