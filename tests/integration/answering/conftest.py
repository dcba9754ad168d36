from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from docqa.adapters import opensearch_search
from docqa.bootstrap import answering, channels, clients, research, spending
from docqa.domain import confidence
from tests.fakes.answering import ScriptedChat
from tests.integration.questions_table import create_questions_table
from tests.integration.spending_table import SPENDING_TABLE, create_spending_table
from tests.unit.answering.library import PLAIN, RUNWAY, Library, says

ROOT = Path(__file__).resolve().parents[3]
REGION: Final = "eu-central-1"
QUEUES = ("handover", "research", "answers", "events")
CACHES = (
    clients.client,
    answering.answering,
    answering.question_store,
    answering._make_generator,
    channels._queue_channels,
    research._agent,
    *(spending.metering, spending.budgets, spending._ledger),
)


class AnsweringStack:
    """Questions and channels tables and queues in moto's account; search, registry and models in memory."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.library = Library()
        self.handbook = self.library.add("handbook", RUNWAY)
        self.chat = says("The runway is 640 metres long [1].")
        self.sqs = boto3.client("sqs")
        self.urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
        dynamodb = boto3.client("dynamodb")
        create_questions_table(dynamodb, "questions")
        create_spending_table(dynamodb)
        dynamodb.create_table(
            TableName="channels",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "channel", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "channel", "KeyType": "HASH"}],
        )
        boto3.client("events").create_event_bus(Name="docqa")
        self._replace_what_is_not_in_the_account(monkeypatch)
        for name, value in self._environment().items():
            monkeypatch.setenv(name, value)
        self.handlers: dict[str, Any] = {}

    def invoke(self, function: str, event: dict[str, Any], seconds: int = 30) -> dict[str, Any]:
        """What the function returns, with so many seconds until it would be stopped."""
        if function not in self.handlers:
            name = f"functions.{function}.app"
            sys.modules.pop(name, None)
            self.handlers[function] = importlib.import_module(name).handler
        context = SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: seconds * 1000)
        result: dict[str, Any] = self.handlers[function](event, context)
        return result

    def take(self, queue: str) -> list[dict[str, Any]]:
        """Every message that waits in a queue, taken out."""
        found: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                found.append(dict(message))
                self.sqs.delete_message(QueueUrl=self.urls[queue], ReceiptHandle=message["ReceiptHandle"])
        return found

    def _replace_what_is_not_in_the_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def chat(settings: object) -> ScriptedChat:
            return self.chat

        monkeypatch.setattr(answering, "chat_model", chat)
        monkeypatch.setattr(research, "chat_model", chat)
        monkeypatch.setattr(research, "registry", lambda table, patience: self.library.registry)
        monkeypatch.setattr(answering, "registry", lambda table, patience: self.library.registry)
        monkeypatch.setattr(answering, "embeddings", lambda settings, patience: self.library.embeddings)
        monkeypatch.setattr(answering, "connection", lambda endpoint, timeout: None)
        monkeypatch.setattr(opensearch_search, "OpenSearchChunkSearch", lambda connection: self.library.search)
        monkeypatch.setattr(confidence, "load_calibration", lambda model, dimensions: PLAIN)

    def _environment(self) -> dict[str, str]:
        return {
            "DOCUMENTS_TABLE": "documents",
            "QUESTIONS_TABLE": "questions",
            "CHANNELS_TABLE": "channels",
            "SPENDING_TABLE": SPENDING_TABLE,
            "EVENT_BUS_NAME": "docqa",
            "OPENSEARCH_ENDPOINT": "https://search.test",
            "HANDOVER_QUEUE_URL": self.urls["handover"],
            "RESEARCH_QUEUE_URL": self.urls["research"],
            "ANSWERS_QUEUE_URL": self.urls["answers"],
            "QUESTIONS_QUEUE_ARN": "arn:aws:sqs:eu-central-1:111122223333:docqa-questions",
            "HANDOVER_QUEUE_ARN": "arn:aws:sqs:eu-central-1:111122223333:docqa-handover",
            "QUESTION_ATTEMPTS": "3",
            "QUESTIONS_QUEUE_TENANT": "acme",
            "QUESTIONS_QUEUE_GROUPS": "finance, staff",
            "EMBEDDING_PROVIDER": "bedrock",
            "EMBEDDING_MODEL": "words",
            "EMBEDDING_DIMENSIONS": "64",
            "CHAT_PROVIDER": "bedrock",
            "ADMIN_GROUP": "admins",
            "CHAT_MODEL": "amazon.nova-lite-v1:0",
        }


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnsweringStack]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for cached in CACHES:
        cached.cache_clear()
    with mock_aws():
        yield AnsweringStack(monkeypatch)
    for cached in CACHES:
        cached.cache_clear()


def sample(name: str) -> dict[str, Any]:
    """A sample of events/."""
    content: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return content
