"""Batches in process: moto's services, the shipped state machine, the real functions; models and search in memory."""

from __future__ import annotations

import importlib
import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from docqa.adapters import opensearch_search
from docqa.adapters.dynamodb_channels import ChannelsTable
from docqa.bootstrap import answering, batches, clients, inference_jobs, spending, stores
from docqa.domain import confidence
from docqa.models.access import Principal
from docqa.models.inference import Route
from docqa.ports.batches import InboxChannel
from docqa.services import circuit_breaker
from tests.fakes.answering import ScriptedChat
from tests.fakes.inference import ScriptedInferenceJobs
from tests.integration.account import account
from tests.integration.questions_table import create_questions_table
from tests.integration.spending_table import SPENDING_TABLE, create_spending_table
from tests.integration.statemachine.machine import (
    MOTO_CONFIG,
    Execution,
    Functions,
    StateMachine,
    load_definition,
    remember_parse_trees,
    route_lambda,
    serialise_table_calls,
    skip_retry_waits,
)
from tests.unit.answering.library import PLAIN, Library
from tests.unit.batches.plant import FIELDS, PREFIX, fact, well_read

ROOT = Path(__file__).resolve().parents[3]
DEFINITION = ROOT / "statemachines" / "answer_batch.asl.json"
REGION = "us-east-1"
INBOX, WORK = "docqa-inbox-111122223333", "work"
CACHES: tuple[Any, ...] = (
    clients.client,
    stores.bucket,
    stores.registry,
    answering.answering,
    answering.question_store,
    answering._make_generator,
    batches._registry,
    batches._files,
    *(spending.metering, spending.budgets, spending._ledger),
)


class BatchStack:
    """Everything from a file, or a request, to results.

    Attributes:
        way: A way to the chat model beside real time, once a test has set one up.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
        self.library = Library()
        self.documents = {
            name: self.library.add(name, fact(name, 600 + 37 * place)) for place, name in enumerate(FIELDS)
        }
        self.chat = ScriptedChat(script=well_read)
        self.way: ScriptedInferenceJobs | None = None
        self.s3, self.sqs = boto3.client("s3"), boto3.client("sqs")
        self._make_services()
        self._replace_what_is_not_in_the_account(monkeypatch)
        self._lock = threading.Lock()
        self.functions = Functions({name: self._handler(name) for name in ("arrange_batch", "answer_batch")})
        self.handlers: dict[str, Callable[..., Any]] = {}
        serialise_table_calls(monkeypatch)
        remember_parse_trees(monkeypatch)
        skip_retry_waits(monkeypatch)
        # None either: between two tries of a step a model that failed is left alone for less than these take.
        monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 0.0)
        route_lambda(monkeypatch, self.functions)
        self.machine = StateMachine(monkeypatch, load_definition(DEFINITION, _arn_of))
        for name, value in (self._environment() | environment).items():
            monkeypatch.setenv(name, value)

    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """What the function returns."""
        if function not in self.handlers:
            self.handlers[function] = _load(function)
        context = SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: 29_000)
        result: dict[str, Any] = self.handlers[function](event, context)
        return result

    def drop(self, body: bytes, key: str = f"{PREFIX}monday.jsonl", **more: Any) -> dict[str, Any]:
        """Put a file into the inbox and tell of it, as EventBridge does; what the function said."""
        self.s3.put_object(Bucket=INBOX, Key=key, Body=body, **more)
        event = sample("s3__questions_dropped")
        told = json.loads(event["Records"][0]["body"])
        told["detail"]["object"]["key"] = key
        event["Records"][0]["body"] = json.dumps(told)
        return self.invoke("receive_batch", event)

    def execution(self, name: str, seconds: float = 60.0) -> Execution:
        """The execution of that name, once it has ended."""
        return self.machine.wait(self._arn(name), seconds)

    def ends(self, name: str, seconds: float) -> bool:
        """Whether that execution ends within so many seconds."""
        return self.machine.ends(self._arn(name), seconds)

    def running(self) -> list[str]:
        """Names of all executions, oldest first."""
        found = self.machine.client.list_executions(stateMachineArn=self.machine.arn)["executions"]
        return [one["name"] for one in sorted(found, key=lambda one: one["startDate"])]

    def tick(self) -> None:
        """Have all jobs of models looked at."""
        record = {"messageId": "m", "eventSourceARN": "arn", "body": "{}"}
        assert self.invoke("advance_inference", {"Records": [record]}) == {"batchItemFailures": []}

    def show(self, batch_id: str) -> dict[str, Any]:
        """GET /batches/{batch_id}, as who is in the samples."""
        event = sample("api__show_batch")
        event["pathParameters"] = {"batch_id": batch_id}
        response = self.invoke("show_batch", event)
        body: dict[str, Any] = json.loads(response["body"])
        return body | {"http": response["statusCode"]}

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Everything in a bucket."""
        found = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {one["Key"]: self.s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in found}

    def published(self) -> list[dict[str, Any]]:
        """Details of what was told on the bus."""
        received = self.sqs.receive_message(QueueUrl=self.heard, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(one["Body"])["detail"] for one in received]

    def _arn(self, execution: str) -> str:
        return self.machine.arn.replace(":stateMachine:", ":execution:") + f":{execution}"

    def _handler(self, function: str) -> Callable[..., Any]:
        """One call at a time, as in a process of Lambda's."""

        def handler(event: dict[str, Any], context: Any) -> Any:
            with self._lock:
                if function not in self.handlers:
                    self.handlers[function] = _load(function)
                return self.handlers[function](event, context)

        return handler

    def _make_services(self) -> None:
        for bucket in (INBOX, WORK):
            self.s3.create_bucket(Bucket=bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        dynamodb = boto3.client("dynamodb")
        create_questions_table(dynamodb, "questions")
        create_spending_table(dynamodb)
        for table, key in (("channels", "channel"), ("jobs", "job_id")):
            dynamodb.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            )
        channel = InboxChannel(PREFIX, Principal("acme", f"inbox:{PREFIX}", frozenset({"staff"})))
        self.channels = ChannelsTable(dynamodb, "channels")
        self.channels.add_inbox(channel)
        self.urls = {
            name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("inbox", "inference", "dispatch")
        }
        self.heard = self.sqs.create_queue(QueueName="heard")["QueueUrl"]
        events = boto3.client("events")
        events.create_event_bus(Name="docqa")
        events.put_rule(Name="all", EventBusName="docqa", EventPattern='{"source": ["docqa"]}')
        arn = self.sqs.get_queue_attributes(QueueUrl=self.heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_targets(Rule="all", EventBusName="docqa", Targets=[{"Id": "heard", "Arn": arn}])

    def _replace_what_is_not_in_the_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def reply_jobs(route: Route, settings: object, work: str) -> ScriptedInferenceJobs | None:
            return self.way if self.way is not None and self.way.route is route else None

        monkeypatch.setattr(answering, "chat_model", lambda settings: self.chat)
        monkeypatch.setattr(answering, "registry", lambda table, patience: self.library.registry)
        monkeypatch.setattr(answering, "embeddings", lambda settings, patience: self.library.embeddings)
        monkeypatch.setattr(answering, "connection", lambda endpoint, timeout: None)
        monkeypatch.setattr(opensearch_search, "OpenSearchChunkSearch", lambda connection: self.library.search)
        monkeypatch.setattr(confidence, "load_calibration", lambda model, dimensions: PLAIN)
        monkeypatch.setattr(batches, "reply_jobs", reply_jobs)
        monkeypatch.setattr(inference_jobs, "reply_jobs", reply_jobs)
        monkeypatch.setattr(inference_jobs, "registry", lambda table: self.library.registry)
        # The library's clock stands still; the functions' is the machine's.
        self.library.clock.now = time.time  # type: ignore[method-assign]

    def _environment(self) -> dict[str, str]:
        return {
            "DOCUMENTS_TABLE": "documents",
            "QUESTIONS_TABLE": "questions",
            "CHANNELS_TABLE": "channels",
            "JOBS_TABLE": "jobs",
            "SPENDING_TABLE": SPENDING_TABLE,
            "WORK_BUCKET": WORK,
            "INBOX_BUCKET": INBOX,
            "INBOX_QUEUE_URL": self.urls["inbox"],
            "INFERENCE_QUEUE_URL": self.urls["inference"],
            "DISPATCH_QUEUE_URL": self.urls["dispatch"],
            "EVENT_BUS_NAME": "docqa",
            "BATCH_STATE_MACHINE_ARN": self.machine.arn,
            "OPENSEARCH_ENDPOINT": "https://search.test",
            "EMBEDDING_PROVIDER": "bedrock",
            "EMBEDDING_MODEL": "words",
            "EMBEDDING_DIMENSIONS": "64",
            "CHAT_PROVIDER": "bedrock",
            "CHAT_MODEL": "amazon.nova-lite-v1:0",
            "CHAT_BY_JOBS": "true",
            "BATCH_CONCURRENCY": "8",
            "ADMIN_GROUP": "admins",
            "MAX_BATCH_BYTES": "1000000",
            "MAX_BATCH_QUESTIONS": "1000",
            "BATCH_WITHIN_SECONDS": "90000",
            "OPEN_BATCHES": "3",
            "REALTIME_PROMPTS": "",
            "BATCH_PROMPTS": "",
            "BATCHES_TOGETHER": "3",
            "BATCH_GATHER_SECONDS": "600",
            "WAKING_USD": "0.3",
            "TRANSFORM_USD": "0.12",
        }


def _load(function: str) -> Callable[..., Any]:
    name = f"functions.{function}.app"
    sys.modules.pop(name, None)
    handler: Callable[..., Any] = importlib.import_module(name).handler
    return handler


def _arn_of(placeholder: str) -> str:
    folder = {"ArrangeBatchFunctionArn": "arrange_batch", "AnswerBatchFunctionArn": "answer_batch"}[placeholder]
    return f"arn:aws:lambda:{REGION}:123456789012:function:{folder}"


def sample(name: str) -> dict[str, Any]:
    """A sample of events/."""
    content: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return content


@pytest.fixture
def make_stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., BatchStack]]:
    """Makes a stack in a fresh account; settings differ as named."""
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    for cached in CACHES:
        cached.cache_clear()
    with account(monkeypatch, REGION, MOTO_CONFIG):
        yield lambda **environment: BatchStack(monkeypatch, **environment)
    for cached in CACHES:
        cached.cache_clear()


@pytest.fixture
def stack(make_stack: Callable[..., BatchStack]) -> BatchStack:
    """A stack as it comes."""
    return make_stack()
