"""The stack around the handlers of a document's life, in moto's account."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import boto3
import pytest

from docqa import ids
from docqa.bootstrap import clients, lifecycle, search_index, spending, stores
from docqa.models.document import Document, DocumentReference
from docqa.models.search_index import IndexConfiguration
from tests.fakes.chunk_index import InMemoryChunkIndex, InMemoryIndexes
from tests.integration.documents_table import DOCUMENTS_TABLE, create_documents_table
from tests.integration.spending_table import SPENDING_TABLE, create_spending_table

ROOT = Path(__file__).resolve().parents[3]
REGION: Final = "eu-central-1"
DOCUMENTS = "docqa-documents-111122223333"
WORK = "docqa-work-111122223333"
KEY = "acme/reports/Q3 2026 + Anhang.pdf"
DOCUMENT_ID = ids.document_id(DOCUMENTS, KEY)
OWNER = "5f0c1c0e-93d4-4f0e-8a44-3b6f0c1de0a7"
QUEUES = ("ingest", "dispatch", "maintenance", "events")
CACHES = (
    *(clients.client, stores.bucket, stores.registry),
    *(lifecycle._queue, lifecycle._bus, lifecycle._workflow),
    *(spending.metering, spending.budgets, spending._ledger),
)


def forget_clients() -> None:
    for cached in CACHES:
        cached.cache_clear()


class LifecycleStack:
    """Buckets, table, queues, bus and state machine; handlers are loaded on first use."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.s3, self.sqs = boto3.client("s3"), boto3.client("sqs")
        for bucket in (DOCUMENTS, WORK):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket=DOCUMENTS, VersioningConfiguration={"Status": "Enabled"})
        create_documents_table(boto3.client("dynamodb"))
        create_spending_table(boto3.client("dynamodb"))
        self.urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
        self._make_bus()
        self.machine = self._make_machine()
        self.index = InMemoryChunkIndex()
        self.domain = InMemoryIndexes()
        monkeypatch.setattr(search_index, "index_setup", lambda endpoint: self.domain)
        monkeypatch.setattr(search_index, "chunk_indexes", lambda endpoint: lambda name: self.index)
        self._set_environment()
        self.handlers: dict[str, Any] = {}
        self.registry = stores.registry(DOCUMENTS_TABLE)
        self.registry.set_index_configuration(IndexConfiguration("chunks", "amazon.titan-embed-text-v2:0", 2))

    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        if function not in self.handlers:
            self.handlers[function] = _load(function)
        context = SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: 30_000)
        result: dict[str, Any] = self.handlers[function](event, context)
        return result

    def call(self, function: str, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body of an HTTP handler's answer."""
        answer = self.invoke(function, event)
        return answer["statusCode"], json.loads(answer["body"] or "{}")

    def put(self, key: str = KEY, body: bytes = b"%PDF-1.7", owner: str = OWNER) -> None:
        self.s3.put_object(Bucket=DOCUMENTS, Key=key, Body=body, Metadata={"owner": owner} if owner else {})

    def upload(self, ticket: dict[str, Any], body: bytes = b"%PDF-1.7") -> None:
        """Send the form of a ticket, as S3 takes it."""
        prefix = "x-amz-meta-"
        stated = {k.removeprefix(prefix): v for k, v in ticket["fields"].items() if k.startswith(prefix)}
        self.s3.put_object(Bucket=DOCUMENTS, Key=ticket["fields"]["key"], Body=body, Metadata=stated)

    def take(self, queue: str) -> list[dict[str, Any]]:
        """Every message that waits in a queue, taken out."""
        found: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(QueueUrl=self.urls[queue], MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.urls[queue], ReceiptHandle=message["ReceiptHandle"])
        return found

    def document(self, document_id: str = DOCUMENT_ID) -> Document:
        document = self.registry.get(document_id)
        assert document is not None
        return document

    def running(self) -> DocumentReference:
        """The reference of the version that runs."""
        document = self.document()
        generation = self.registry.get_generation(document.document_id, document.latest_generation)
        assert generation is not None
        return generation.reference()

    def publish(self) -> None:
        """Do what the pipeline does, as far as the registry sees it."""
        reference = self.running()
        self.registry.record_inspection(reference, "application/pdf", "c" * 64, "s" * 64, "")
        self.registry.publish(reference, self.document().revision, 5.0)
        self.registry.release_slot(reference.execution)

    def _make_bus(self) -> None:
        events = boto3.client("events")
        events.create_event_bus(Name="docqa")
        events.put_rule(Name="all", EventBusName="docqa", EventPattern=json.dumps({"source": ["docqa"]}))
        arn = f"arn:aws:sqs:{REGION}:123456789012:events"
        events.put_targets(Rule="all", EventBusName="docqa", Targets=[{"Id": "queue", "Arn": arn}])

    def _make_machine(self) -> str:
        definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
        role = "arn:aws:iam::123456789012:role/machine"
        made = boto3.client("stepfunctions").create_state_machine(name="ingest", definition=definition, roleArn=role)
        return made["stateMachineArn"]

    def _set_environment(self) -> None:
        values = {
            "DOCUMENTS_BUCKET": DOCUMENTS,
            "WORK_BUCKET": WORK,
            "DOCUMENTS_TABLE": DOCUMENTS_TABLE,
            "SPENDING_TABLE": SPENDING_TABLE,
            "INGEST_QUEUE_URL": self.urls["ingest"],
            "DISPATCH_QUEUE_URL": self.urls["dispatch"],
            "MAINTENANCE_QUEUE_URL": self.urls["maintenance"],
            "EVENT_BUS_NAME": "docqa",
            "INGEST_STATE_MACHINE_ARN": self.machine,
            "INGEST_CAPACITY": "2",
            "INGEST_DEADLINE_SECONDS": "600",
            "OPENSEARCH_ENDPOINT": "https://search.test",
            "EMBEDDING_PROVIDER": "bedrock",
            "EMBEDDING_MODEL": "amazon.titan-embed-text-v2:0",
            "EMBEDDING_DIMENSIONS": "2",
            "MAX_DOCUMENT_BYTES": "1000000",
            "DEFAULT_READERS": "nobody",
            "ADMIN_GROUP": "admins",
        }
        for name, value in values.items():
            self.monkeypatch.setenv(name, value)


def _load(function: str) -> Any:
    """A cold start: the module reads its settings and makes its service anew."""
    name = f"functions.{function}.app"
    sys.modules.pop(name, None)
    return importlib.import_module(name).handler
