"""Where the files of a job lie in the work bucket."""

from __future__ import annotations

from docqa.models.inference import InferenceJob


def job_prefix(job: InferenceJob) -> str:
    """Requests and results of one job; deleted when it has ended."""
    return f"{job.group.tenant}/inference/{job.job_id}/"
