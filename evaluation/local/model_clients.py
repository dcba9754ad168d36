"""The model server's services in this process, in the shape of boto3's clients: the product's adapters call them."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.bedrock import BedrockRuntime
from devstack.modelserver.documents import DocumentNotReadableError
from devstack.modelserver.models.registry import Models
from devstack.modelserver.quotas import RateLimit
from devstack.modelserver.settings import Quotas
from devstack.modelserver.textract import ANALYSIS, TEXT_DETECTION, Textract
from devstack.modelserver.textract_control import TextractBehaviour, TextractControl
from devstack.modelserver.textract_jobs import JobTable
from devstack.modelserver.textract_worker import TextractWorker
from docqa.errors import NotFoundError
from docqa.ports.objects import ObjectStore

OCR_DPI = 150


class BedrockClient:
    """The two operations that docqa calls of Bedrock's runtime, answered by the local models."""

    def __init__(self, models: Models) -> None:
        self._runtime = BedrockRuntime(models, RateLimit(None, time.monotonic))

    def invoke_model(self, *, modelId: str, body: str, **_: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """An embedding model's answer."""
        with _as_client_error("InvokeModel"):
            answer, tokens = self._runtime.invoke(modelId, json.loads(body))
        headers = {"x-amzn-bedrock-input-token-count": str(tokens)}
        return {"body": io.BytesIO(json.dumps(answer).encode()), "ResponseMetadata": {"HTTPHeaders": headers}}

    def converse(self, *, modelId: str, **body: Any) -> dict[str, Any]:  # noqa: N803
        """The chat model's answer."""
        with _as_client_error("Converse"):
            return self._runtime.converse(modelId, body)


class TextractClient:
    """Textract's asynchronous operations. A job has ended when its start returns: nobody else uses this process."""

    def __init__(self, models: Models, store: ObjectStore, jobs: Path) -> None:
        control = TextractControl(TextractBehaviour())
        table, documents = JobTable(jobs), _StoredDocuments(store)
        worker = TextractWorker(table, documents, _Nobody(), models.ocr, control, dpi=OCR_DPI, most_pages=3_000)
        service = Textract(table, documents, Quotas(), control, worker.run)
        self.start_document_text_detection = _operation(service, TEXT_DETECTION)
        self.start_document_analysis = _operation(service, ANALYSIS)
        self.get_document_text_detection = _operation(service, "GetDocumentTextDetection")
        self.get_document_analysis = _operation(service, "GetDocumentAnalysis")


class _StoredDocuments:
    """What is to be extracted, out of the work folder."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def read(self, bucket: str, key: str, version: str | None) -> bytes:
        try:
            return self._store.read(key, version)
        except NotFoundError as error:
            raise DocumentNotReadableError(f"{bucket}/{key}") from error


class _Nobody:
    """The end of a job is not announced: whoever started it waits for it."""

    def publish(self, topic_arn: str, message: str) -> None:
        """Nothing to do."""


def _operation(service: Textract, name: str) -> Callable[..., dict[str, Any]]:
    def call(**request: Any) -> dict[str, Any]:
        with _as_client_error(name):
            return service.operations[name](request)

    return call


@contextmanager
def _as_client_error(operation: str) -> Iterator[None]:
    try:
        yield
    except AwsError as error:
        told: Any = {"Error": {"Code": error.code, "Message": error.message}}
        told["ResponseMetadata"] = {"HTTPStatusCode": error.status}
        raise ClientError(told, operation) from error
