"""The step of ingest_document that leaves a document's passages to a job, and lets the document wait aside."""

from __future__ import annotations

from docqa.bootstrap import inference
from docqa.config import load_settings
from docqa.models.work import VectorsWork
from docqa.runtime.step import step


class RequestVectorsSettings(inference.RouteSettings):
    """Registry and jobs, and which routes there are."""

    documents_table: str
    jobs_table: str
    inference_queue_url: str
    batch_gather_seconds: float


settings = load_settings(RequestVectorsSettings)
service = inference.request_vectors(
    settings.documents_table,
    settings.jobs_table,
    settings.inference_queue_url,
    settings.batch_gather_seconds,
    settings,
)


@step
def handler(work: VectorsWork) -> None:
    """Join a job; this execution ends, another one goes on when the vectors are there."""
    service.run(work.reference, work.chunking)
