"""The step of ingest_document that leaves a document's passages to a job, and lets the document wait aside."""

from __future__ import annotations

from docqa.bootstrap import inference_jobs
from docqa.bootstrap.inference import VectorJobSettings
from docqa.config import load_settings
from docqa.models.work import VectorsWork
from docqa.runtime.step import step


class RequestVectorsSettings(VectorJobSettings):
    """Registry and jobs, and which routes there are."""

    documents_table: str
    jobs_table: str
    work_bucket: str
    inference_queue_url: str
    batch_gather_seconds: float


settings = load_settings(RequestVectorsSettings)
service = inference_jobs.request_vectors(
    settings.documents_table,
    settings.jobs_table,
    settings.work_bucket,
    settings.inference_queue_url,
    settings.batch_gather_seconds,
    settings,
)


@step
def handler(work: VectorsWork) -> None:
    """Join a job; this execution ends, another one goes on when the vectors are there."""
    service.run(work.reference, work.chunking)
