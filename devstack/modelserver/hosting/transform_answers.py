"""Transform jobs as they are shown: in answers and in events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from devstack.modelserver.hosting.transform_jobs import TransformJob


def described(job: TransformJob) -> dict[str, Any]:
    """Answer of DescribeTransformJob; times in seconds since 1970."""
    return _known({**job.request, **_state(job), "TransformStartTime": job.started})


def summary(job: TransformJob) -> dict[str, Any]:
    """An entry of ListTransformJobs' answer."""
    return _known({"TransformJobName": job.name, **_state(job), "LastModifiedTime": job.modified})


def event_detail(job: TransformJob) -> dict[str, Any]:
    """`detail` of the event: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html."""
    shown = {name: value for name, value in job.request.items() if name not in ("Tags", "ExperimentConfig")}
    times = {
        "CreationTime": job.created,
        "TransformStartTime": job.started,
        "TransformEndTime": job.ended,
    }
    told = {name: None if seconds is None else _iso(seconds) for name, seconds in times.items()}
    return _known({**shown, **_state(job), **told}) | {"Tags": {}}


def matches(job: TransformJob, request: dict[str, Any]) -> bool:
    """Whether ListTransformJobs asks for it."""
    return (
        request.get("StatusEquals", job.status) == job.status
        and request.get("NameContains", "") in job.name
        and float(request.get("CreationTimeAfter", 0)) <= job.created
        and job.created <= float(request.get("CreationTimeBefore", "inf"))
        and float(request.get("LastModifiedTimeAfter", 0)) <= job.modified
        and job.modified <= float(request.get("LastModifiedTimeBefore", "inf"))
    )


def _state(job: TransformJob) -> dict[str, Any]:
    return {
        "TransformJobArn": job.arn,
        "TransformJobStatus": job.status,
        "CreationTime": job.created,
        "TransformEndTime": job.ended,
        "FailureReason": job.reason or None,
    }


def _known(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
