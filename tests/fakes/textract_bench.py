"""Textract with fakes around it, as its tests use it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.models.ports import OcrEngine
from devstack.modelserver.models.registry import Lazy
from devstack.modelserver.settings import Quotas
from devstack.modelserver.textract import Textract
from devstack.modelserver.textract_control import TextractBehaviour, TextractControl
from devstack.modelserver.textract_jobs import JobTable
from devstack.modelserver.textract_worker import TextractWorker
from tests.fakes.model_server import HeardTopics, OneLineOcr, StoredDocuments


def pdf(pages: int, password: str | None = None) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(72, 72)
    if password is not None:
        writer.encrypt(password)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


class TextractBench:
    """Textract with fakes around it; jobs run when `work` is called."""

    def __init__(self, folder: Path, quotas: Quotas | None = None, ocr: Callable[[], OcrEngine] = OneLineOcr) -> None:
        self.now = 1_000_000.0
        self.documents = StoredDocuments({("b", "two.pdf"): pdf(2)})
        self.topics = HeardTopics()
        self.jobs = JobTable(folder)
        quotas = quotas or Quotas()
        self.control = TextractControl(TextractBehaviour(), lambda: self.now)
        self.worker = TextractWorker(
            self.jobs, self.documents, self.topics, Lazy(ocr), self.control, dpi=72,
            most_pages=quotas.textract_pages, clock=lambda: self.now,
        )  # fmt: skip
        self.textract = Textract(self.jobs, self.documents, quotas, self.control, lambda job: None, lambda: self.now)

    def behave(self, **settings: Any) -> None:
        behaviour = TextractBehaviour(**settings)
        self.worker.learn(behaviour)
        self.control.set(behaviour)

    def work(self) -> None:
        for job in self.jobs.unfinished():
            self.worker.run(job)

    def start(self, key: str = "two.pdf", **more: Any) -> str:
        request = {"DocumentLocation": {"S3Object": {"Bucket": "b", "Name": key}}, **more}
        return str(self.call("StartDocumentTextDetection", request)["JobId"])

    def analyse(self, key: str = "two.pdf", features: tuple[str, ...] = ("TABLES",), **more: Any) -> str:
        request = {"DocumentLocation": {"S3Object": {"Bucket": "b", "Name": key}}, "FeatureTypes": list(features)}
        return str(self.call("StartDocumentAnalysis", request | more)["JobId"])

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.call("GetDocumentTextDetection", request)

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.textract.operations[operation](request)

    def error(self, act: Callable[[], object]) -> str:
        with pytest.raises(AwsError) as caught:
            act()
        return caught.value.code
