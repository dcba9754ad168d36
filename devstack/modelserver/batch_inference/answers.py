"""Batch jobs as they are shown: in answers, in events, and in the manifest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from devstack.modelserver.arns import REGION, arn
from devstack.modelserver.batch_inference.jobs import BatchJob
from devstack.modelserver.bedrock import has_region

DEFAULT_HOURS = 24
_SHOWN = ("jobName", "clientRequestToken", "roleArn", "inputDataConfig", "outputDataConfig", "vpcConfig")


def described(job: BatchJob) -> dict[str, Any]:
    """Answer of GetModelInvocationJob, and an entry of ListModelInvocationJobs' answer."""
    hours = job.request.get("timeoutDurationInHours", DEFAULT_HOURS)
    members = {
        "jobArn": job.arn,
        **{name: job.request.get(name) for name in _SHOWN},
        "modelId": model_arn(job.request["modelId"]),
        "status": job.status,
        "message": job.message or None,
        "submitTime": _iso(_time(job.submitted)),
        "lastModifiedTime": _iso(_time(job.modified)),
        "endTime": None if job.ended is None else _iso(_time(job.ended)),
        "timeoutDurationInHours": hours,
        "jobExpirationTime": _iso(_time(job.submitted) + timedelta(hours=hours)),
        "modelInvocationType": job.request.get("modelInvocationType", "InvokeModel"),
        "totalRecordCount": job.total,
        "processedRecordCount": job.succeeded + job.errors,
        "successRecordCount": job.succeeded,
        "errorRecordCount": job.errors,
    }
    return {name: value for name, value in members.items() if value is not None}


def event_detail(job: BatchJob) -> dict[str, Any]:
    """`detail` of the event: https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-eventbridge-how-it-works.html."""
    submitted = _time(job.submitted)
    return {
        "version": "0.0",
        "accountId": job.arn.split(":")[4],
        "batchJobName": job.request["jobName"],
        "batchJobArn": job.arn,
        "batchModelId": model_arn(job.request["modelId"]),
        "status": job.status,
        "failureMessage": job.message,
        "creationTime": f"{submitted:%b} {submitted.day}, {submitted:%Y, %I:%M:%S %p}",
    }


def matches(job: BatchJob, query: dict[str, str]) -> bool:
    """Whether ListModelInvocationJobs asks for it."""
    submitted = _time(job.submitted)
    return (
        query.get("statusEquals", job.status) == job.status
        and query.get("nameContains", "") in job.request["jobName"]
        and ("submitTimeAfter" not in query or submitted >= datetime.fromisoformat(query["submitTimeAfter"]))
        and ("submitTimeBefore" not in query or submitted <= datetime.fromisoformat(query["submitTimeBefore"]))
    )


def manifest(job: BatchJob, input_tokens: int, output_tokens: int) -> dict[str, int]:
    """Content of manifest.json.out."""
    return {
        "totalRecordCount": job.total,
        "processedRecordCount": job.succeeded + job.errors,
        "successRecordCount": job.succeeded,
        "errorRecordCount": job.errors,
        "inputTokenCount": input_tokens,
        "outputTokenCount": output_tokens,
    }


def model_arn(model_id: str) -> str:
    """The ARN of a model or of an inference profile, whose id begins with a region."""
    if model_id.startswith("arn:"):
        return model_id
    if has_region(model_id):
        return arn("bedrock", f"inference-profile/{model_id}")
    return f"arn:aws:bedrock:{REGION}::foundation-model/{model_id}"


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
