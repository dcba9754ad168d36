from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from docqa.adapters.dynamodb_channels import DynamoDBChannelRegistry
from docqa.adapters.dynamodb_feedback import DynamoDBFeedbackStore
from docqa.adapters.dynamodb_questions import KEPT_SECONDS, DynamoDBQuestionStore
from docqa.models.access import Principal
from docqa.ports.questions import Destination
from tests.contracts.feedback import WRONG, FeedbackStoreContract, Stores
from tests.contracts.questions import NOW, RECORD, QuestionStoreContract
from tests.integration.account import account
from tests.integration.questions_table import create_questions_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OWN = "arn:aws:sqs:eu-central-1:1:own"
OTHER = "arn:aws:sqs:eu-central-1:1:other"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBClient]:
    with account(monkeypatch, "eu-central-1"):
        client = boto3.client("dynamodb")
        create_questions_table(client, "questions")
        client.create_table(
            TableName="channels",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "channel", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "channel", "KeyType": "HASH"}],
        )
        yield client


class TestDynamoDBQuestionStore(QuestionStoreContract):
    @pytest.fixture
    def store(self, client: DynamoDBClient) -> DynamoDBQuestionStore:
        return DynamoDBQuestionStore(client, "questions")

    def test_a_question_is_dropped_after_thirty_days(
        self, store: DynamoDBQuestionStore, client: DynamoDBClient
    ) -> None:
        store.begin(RECORD, NOW)

        item = client.get_item(TableName="questions", Key={"answer_id": {"S": "a-1"}})["Item"]
        assert item["expires_at"] == {"N": str(int(NOW) + KEPT_SECONDS)}


class TestDynamoDBFeedbackStore(FeedbackStoreContract):
    @pytest.fixture
    def stores(self, client: DynamoDBClient) -> Stores:
        return Stores(DynamoDBQuestionStore(client, "questions"), DynamoDBFeedbackStore(client, "questions"))

    def test_a_judged_answer_lives_on(self, stores: Stores, client: DynamoDBClient) -> None:
        stores.answer("a-1")
        stores.feedback.record("acme", WRONG, NOW + 1000)

        item = client.get_item(TableName="questions", Key={"answer_id": {"S": "a-1"}})["Item"]
        assert item["expires_at"] == {"N": str(int(NOW) + 1000 + KEPT_SECONDS)}


class TestDynamoDBChannelRegistry:
    @pytest.fixture
    def channels(self, client: DynamoDBClient) -> DynamoDBChannelRegistry:
        client.put_item(
            TableName="channels",
            Item={
                "channel": {"S": f"queue#{OTHER}"},
                "tenant": {"S": "globex"},
                "groups": {"SS": ["legal"]},
                "subject": {"S": "crm"},
            },
        )
        client.put_item(
            TableName="channels",
            Item={
                "channel": {"S": "destination#globex#crm"},
                "kind": {"S": "queue"},
                "address": {"S": "https://sqs.test/crm"},
            },
        )
        return DynamoDBChannelRegistry(
            client,
            "channels",
            {OWN: Principal("acme", OWN, frozenset({"staff"}))},
            {("acme", "answers"): Destination("queue", "https://sqs.test/own")},
        )

    def test_a_queue_asks_as_it_is_registered(self, channels: DynamoDBChannelRegistry) -> None:
        assert channels.principal_of_queue(OWN) == Principal("acme", OWN, frozenset({"staff"}))
        assert channels.principal_of_queue(OTHER) == Principal("globex", "crm", frozenset({"legal"}))
        assert channels.principal_of_queue("arn:aws:sqs:eu-central-1:1:stray") is None

    def test_a_destination_belongs_to_its_tenant(self, channels: DynamoDBChannelRegistry) -> None:
        """Promise 42: nobody sends into another tenant's destination."""
        assert channels.destination("globex", "crm") == Destination("queue", "https://sqs.test/crm")
        assert channels.destination("acme", "crm") is None
        assert channels.destination("acme", "answers") == Destination("queue", "https://sqs.test/own")
        assert channels.destination("globex", "answers") is None
