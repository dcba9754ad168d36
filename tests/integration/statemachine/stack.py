"""The ingestion half of the stack in process: moto's services, the shipped state machine, the real functions.

Only what moto cannot play is a fake: the search index, the embedding model, and Textract.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from docqa import ids
from docqa.adapters.dynamodb_documents import DocumentsTable, DynamoDBDocumentRegistry
from docqa.models.document import Document, Generation
from docqa.models.search_index import IndexConfiguration
from docqa.models.work import OcrFeatures
from tests.fakes.chunk_index import InMemoryChunkIndex
from tests.fakes.embeddings import HashedWordEmbeddings
from tests.fakes.text_extractor import ScriptedTextExtractor
from tests.integration.documents_table import DOCUMENTS_TABLE, create_documents_table
from tests.integration.spending_table import SPENDING_TABLE, create_spending_table
from tests.integration.statemachine.machine import (
    Execution,
    Functions,
    LambdaHandler,
    StateMachine,
    load_definition,
    remember_parse_trees,
    route_lambda,
    serialise_table_calls,
    skip_retry_waits,
)

ROOT = Path(__file__).resolve().parents[3]
DEFINITION = ROOT / "statemachines" / "ingest_document.asl.json"
DOCUMENTS, WORK, JOBS = "documents-bucket", "work-bucket", "jobs"
CONTEXT = SimpleNamespace(aws_request_id="test", get_remaining_time_in_millis=lambda: 60_000)
WAITED_SECONDS = 300
_PLACEHOLDER = re.compile(r"\$\{(\w+)FunctionArn\}")


def folder_of(logical: str) -> str:
    """Folder of a function, from the name that the template gives it: `ReadPages` is `read_pages`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical).lower()


STEPS = [folder_of(name) for name in dict.fromkeys(_PLACEHOLDER.findall(DEFINITION.read_text()))]


class IngestionStack:
    """Everything from the bucket's event to the index.

    Args:
        extracted, with_tables: What text extraction finds (`ScriptedTextExtractor`).
        features: What is asked of it.
        patience: Seconds that an execution waits for a notification before it asks.
        realtime_passages: Documents with more go to a job, where there is one.
    """

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        extracted: list[str | None] | None = None,
        with_tables: frozenset[int] = frozenset(),
        features: OcrFeatures = OcrFeatures.TABLES,
        patience: int = WAITED_SECONDS,
        realtime_passages: int = 2_000,
    ) -> None:
        self.index = InMemoryChunkIndex()
        self.embeddings = HashedWordEmbeddings()
        self.features = features
        self._realtime_passages = realtime_passages
        self.extractor = ScriptedTextExtractor(extracted or [], with_tables)
        self.s3, self.sqs = boto3.client("s3"), boto3.client("sqs")
        self._make_services(monkeypatch)
        self._choose_fakes(monkeypatch)
        self.functions = Functions({name: load_handler(name) for name in STEPS})
        serialise_table_calls(monkeypatch)
        remember_parse_trees(monkeypatch)
        skip_retry_waits(monkeypatch)
        route_lambda(monkeypatch, self.functions)
        self.machine = StateMachine(monkeypatch, _definition(patience))
        monkeypatch.setenv("INGEST_STATE_MACHINE_ARN", self.machine.arn)
        self._receive, self._dispatch = load_handler("receive_document"), load_handler("dispatch_documents")
        self._resume, self._reconcile = load_handler("resume_ingestion"), load_handler("reconcile_document")
        self.record_failure = self.functions.handlers["record_failure"]
        self.registry = DynamoDBDocumentRegistry(DocumentsTable(boto3.client("dynamodb"), DOCUMENTS_TABLE))
        self.registry.set_index_configuration(
            IndexConfiguration("index", "amazon.titan-embed-text-v2:0", self.embeddings.dimensions)
        )

    def _make_services(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for bucket in (DOCUMENTS, WORK):
            self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_versioning(Bucket=DOCUMENTS, VersioningConfiguration={"Status": "Enabled"})
        dynamodb = boto3.client("dynamodb")
        create_documents_table(dynamodb)
        create_spending_table(dynamodb)
        dynamodb.create_table(
            TableName=JOBS,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "job_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "job_id", "KeyType": "HASH"}],
        )
        boto3.client("events").create_event_bus(Name="bus")
        self.dispatch_queue = self.sqs.create_queue(QueueName="dispatch")["QueueUrl"]
        self.maintenance_queue = self.sqs.create_queue(QueueName="maintenance")["QueueUrl"]
        self.inference_queue = self.sqs.create_queue(QueueName="inference")["QueueUrl"]
        for name, value in self._environment().items():
            monkeypatch.setenv(name, value)

    def _environment(self) -> dict[str, str]:
        return {
            "DOCUMENTS_BUCKET": DOCUMENTS,
            "WORK_BUCKET": WORK,
            "DOCUMENTS_TABLE": DOCUMENTS_TABLE,
            "JOBS_TABLE": JOBS,
            "SPENDING_TABLE": SPENDING_TABLE,
            "DISPATCH_QUEUE_URL": self.dispatch_queue,
            "MAINTENANCE_QUEUE_URL": self.maintenance_queue,
            "EVENT_BUS_NAME": "bus",
            "DEFAULT_READERS": "tenant",
            "MAX_DOCUMENT_BYTES": "500000000",
            "MAX_PAGES": "3000",
            "CHUNK_CHARACTERS": "1000",
            "REALTIME_PASSAGES": str(self._realtime_passages),
            "BATCH_PASSAGES": "20000",
            "BATCH_DOCUMENTS": "100",
            "EMBED_WITHIN_SECONDS": "90000",
            "WAKING_USD": "0.3",
            "TRANSFORM_USD": "0.12",
            "BATCH_GATHER_SECONDS": "600",
            "INFERENCE_QUEUE_URL": self.inference_queue,
            "OCR_FEATURES": self.features,
            "SYSTEM_CALL_FILTER": "required",
            "QUESTIONS_TABLE": "questions",
            "CHAT_PROVIDER": "none",
            "EMBEDDING_PROVIDER": "bedrock",
            "EMBEDDING_MODEL": "amazon.titan-embed-text-v2:0",
            "EMBEDDING_DIMENSIONS": str(self.embeddings.dimensions),
            "OPENSEARCH_ENDPOINT": "http://127.0.0.1:1",
            "TEXTRACT_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:textract",
            "TEXTRACT_ROLE_ARN": "arn:aws:iam::123456789012:role/textract",
            "INGEST_CAPACITY": "4",
            "INGEST_DEADLINE_SECONDS": "600",
        }

    def _choose_fakes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("docqa.bootstrap.search_index.chunk_indexes", lambda endpoint: lambda name: self.index)
        monkeypatch.setattr("docqa.bootstrap.embeddings.embeddings", lambda settings, *_: self.embeddings)
        monkeypatch.setattr("docqa.adapters.textract.TextractTextExtractor", lambda *_: self.extractor)

    # --- what the world does

    def put(self, key: str, body: bytes) -> str:
        """Drop a file and deliver its event; the document's id."""
        self.s3.put_object(Bucket=DOCUMENTS, Key=key, Body=body)
        self.notify(key)
        return ids.document_id(DOCUMENTS, key)

    def delete(self, key: str) -> None:
        """Delete a file and deliver its event."""
        self.s3.delete_object(Bucket=DOCUMENTS, Key=key)
        self.notify(key, "Object Deleted")

    def notify(self, key: str, kind: str = "Object Created") -> None:
        """The bucket's event, once."""
        detail = {"bucket": {"name": DOCUMENTS}, "object": {"key": key, "sequencer": "0062E99A88DC407460"}}
        self.deliver(self._receive, {"source": "aws.s3", "detail-type": kind, "detail": detail})

    def dispatch(self) -> list[str]:
        """Let waiting versions start; ARNs of the executions that run or ran."""
        for message in self.drain(self.dispatch_queue) or [{}]:
            self.deliver(self._dispatch, message)
        listed = self.machine.client.list_executions(stateMachineArn=self.machine.arn)["executions"]
        return [one["executionArn"] for one in listed]

    def run(self) -> list[Execution]:
        """Dispatch until nothing waits, and wait for every execution."""
        seen: dict[str, Execution] = {}
        while new := [arn for arn in self.dispatch() if arn not in seen]:
            for arn in new:
                seen[arn] = self.machine.wait(arn)
                self.ended(arn)
        return list(seen.values())

    def ended(self, execution: str) -> None:
        """The event of an ended execution reaches its targets."""
        described = self.machine.client.describe_execution(executionArn=execution)
        detail = {name: described[name] for name in ("name", "status", "input", "error", "cause") if name in described}
        event = {"detail-type": "Step Functions Execution Status Change", "detail": detail}
        if described["status"] != "SUCCEEDED":
            self.record_failure(event, CONTEXT)
        self.deliver(self._dispatch, event)

    def extraction_ended(self, state: str = "SUCCEEDED") -> None:
        """Textract's notification for every started job."""
        for token in list(self.extractor.started):
            self.extractor.end(f"job-of-{token}", state)
            self.deliver(self._resume, {"JobId": f"job-of-{token}", "Status": state, "JobTag": token})

    def extracting(self, arn: str, states: Sequence[str] = (), *, told: bool = True) -> Execution:
        """The ended execution, whose jobs end as soon as they run: in these states, one after the other, then well."""
        left, seen = list(states), set[str]()
        while not self.machine.ends(arn, 0.02):
            for token in set(self.extractor.started) - seen:
                seen.add(token)
                state = left.pop(0) if left else "SUCCEEDED"
                self.extractor.end(f"job-of-{token}", state)
                if told:
                    self.deliver(self._resume, {"JobId": f"job-of-{token}", "Status": state, "JobTag": token})
        return self.machine.wait(arn)

    def keep_house(self) -> None:
        """Work off the maintenance queue."""
        for message in self.drain(self.maintenance_queue):
            self.deliver(self._reconcile, message)

    # --- what can be seen

    def document(self, document_id: str) -> Document:
        found = self.registry.get(document_id)
        assert found is not None
        return found

    def generation(self, document_id: str, number: int) -> Generation:
        found = self.registry.get_generation(document_id, number)
        assert found is not None
        return found

    def indexed(self, document_id: str) -> dict[int, int]:
        """Chunks that a search would find, by generation."""
        self.index.refresh()
        counts: dict[int, int] = {}
        for chunk in self.index.searchable.values():
            if chunk.document_id == document_id:
                counts[chunk.generation] = counts.get(chunk.generation, 0) + 1
        return counts

    def deliver(self, handler: LambdaHandler, body: dict[str, Any]) -> None:
        record = {
            "messageId": "m",
            "body": json.dumps(body),
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
        }
        assert handler({"Records": [record]}, CONTEXT) == {"batchItemFailures": []}

    def drain(self, queue: str) -> list[dict[str, Any]]:
        bodies: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return bodies


def _definition(patience: int) -> str:
    """The shipped definition; a test about lost notifications waits less long for them."""
    shipped = json.loads(load_definition(DEFINITION, _arn))
    assert shipped["States"]["ExtractText"]["TimeoutSeconds"] == WAITED_SECONDS
    shipped["States"]["ExtractText"]["TimeoutSeconds"] = patience
    return json.dumps(shipped)


def _arn(placeholder: str) -> str:
    name = folder_of(placeholder.removesuffix("FunctionArn"))
    return f"arn:aws:lambda:us-east-1:123456789012:function:{name}"


def load_handler(function: str) -> LambdaHandler:
    """The handler of a function, from a module of its own: its settings are read anew."""
    path = ROOT / "functions" / function / "app.py"
    spec = importlib.util.spec_from_file_location(f"in_process_{function}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # pydantic resolves annotations by the module's name
    spec.loader.exec_module(module)
    handler: LambdaHandler = module.handler
    return handler
