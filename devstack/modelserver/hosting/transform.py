"""Batch transform: starting, describing, stopping and listing jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.hosting.behaviour import HostingControl
from devstack.modelserver.hosting.endpoints import Endpoints
from devstack.modelserver.hosting.errors import invalid
from devstack.modelserver.hosting.transform_answers import described, matches, summary
from devstack.modelserver.hosting.transform_checks import check
from devstack.modelserver.hosting.transform_jobs import IN_PROGRESS, STOPPING, TransformJob, TransformTable, job_arn
from devstack.modelserver.paging import page

Request = dict[str, Any]
LISTED = 10
SORTED_BY: dict[str, Callable[[TransformJob], tuple[Any, ...]]] = {
    "Name": lambda job: (job.name,),
    "CreationTime": lambda job: (job.created, job.name),
    "Status": lambda job: (job.status, job.name),
}


class Transform:
    """The operations, from parsed request to response body.

    Args:
        table: where jobs are kept.
        endpoints: knows the containers of models.
        control: faults and limits.
        begin: told of every new job.
        changed: told of every job whose status changed.
    """

    def __init__(
        self,
        table: TransformTable,
        endpoints: Endpoints,
        control: HostingControl,
        begin: Callable[[TransformJob], None],
        changed: Callable[[TransformJob], None],
    ) -> None:
        self._table = table
        self._endpoints = endpoints
        self._control = control
        self._begin = begin
        self._changed = changed
        self.operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "CreateTransformJob": self.create,
            "DescribeTransformJob": lambda request: described(self._job(request)),
            "StopTransformJob": self.stop,
            "ListTransformJobs": self.list_jobs,
        }

    def create(self, request: Request) -> dict[str, Any]:
        """CreateTransformJob."""
        self._control.admit("transform_jobs")
        check(request)
        self._endpoints.container_of(request["ModelName"])
        most = self._control.behaviour.transform_jobs_at_once
        if most is not None and sum(not job.is_over for job in self._table.all()) >= most:
            raise AwsError(
                "ResourceLimitExceeded",
                f"The account-level service limit 'Number of concurrent transform jobs' is {most} jobs.",
            )
        job = self._table.add(request, _taken(request["TransformJobName"]))
        self._changed(job)
        self._begin(job)
        return {"TransformJobArn": job.arn}

    def stop(self, request: Request) -> dict[str, Any]:
        """StopTransformJob."""
        job = self._job(request)
        if job.is_over:
            raise invalid(f"The request was rejected because the transform job is in status {job.status}.")
        if job.status == IN_PROGRESS:
            self._changed(self._table.change(job, status=STOPPING))
        return {}

    def list_jobs(self, request: Request) -> dict[str, Any]:
        """ListTransformJobs."""
        found = [job for job in self._table.all() if matches(job, request)]
        newest_first = request.get("SortOrder", "Descending") == "Descending"
        found.sort(key=SORTED_BY[request.get("SortBy", "CreationTime")], reverse=newest_first)
        bad_token = invalid("NextToken is not one that ListTransformJobs gave.")
        shown, token = page(found, request.get("NextToken"), int(request.get("MaxResults", LISTED)), bad_token)
        answer: dict[str, Any] = {"TransformJobSummaries": [summary(job) for job in shown]}
        return answer if token is None else answer | {"NextToken": token}

    def _job(self, request: Request) -> TransformJob:
        job = self._table.find(str(request.get("TransformJobName")))
        if job is None:
            raise invalid(f"Could not find requested job with name: {request.get('TransformJobName')}")
        return job


def _taken(name: str) -> AwsError:
    return AwsError(
        "ResourceInUse",
        f"Job name must be unique within an AWS account and region, and a job with this name already exists "
        f"({job_arn(name)})",
    )
