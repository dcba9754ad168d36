from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from docqa.adapters.dynamodb_batches import DynamoDbBatchRegistry
from docqa.adapters.dynamodb_channels import ChannelsTable, DynamoDBChannelRegistry
from docqa.adapters.dynamodb_feedback import DynamoDBFeedbackStore
from docqa.adapters.dynamodb_part_places import DynamoDbPartPlaces
from docqa.adapters.dynamodb_questions import KEPT_SECONDS, DynamoDBQuestionStore
from docqa.models.access import Principal
from docqa.models.batch import BatchCounts
from docqa.ports.batches import InboxChannel
from docqa.ports.questions import Destination
from tests.contracts.batches import NEW, BatchRegistryContract, PartPlaceStoreContract
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


class TestDynamoDbBatchRegistry(BatchRegistryContract):
    @pytest.fixture
    def batches(self, client: DynamoDBClient) -> DynamoDbBatchRegistry:
        return DynamoDbBatchRegistry(client, "questions")

    def test_a_batch_and_its_parts_are_dropped_after_thirty_days(
        self, batches: DynamoDbBatchRegistry, client: DynamoDBClient
    ) -> None:
        batches.create(NEW)
        batches.advance(NEW.batch_id, 3, 1, BatchCounts(1), generated=True)

        items = client.scan(TableName="questions")["Items"]
        assert [item["expires_at"]["N"] for item in items] == [str(100 + KEPT_SECONDS)] * 2


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

    def test_files_ask_as_the_innermost_registered_prefix_of_their_place(
        self, channels: DynamoDBChannelRegistry, client: DynamoDBClient
    ) -> None:
        """Promise 42: nothing that a file says decides for whom it asks."""
        table = ChannelsTable(client, "channels")
        desk = InboxChannel("acme/desk/", Principal("acme", "inbox:acme/desk/", frozenset({"staff"})))
        inner = InboxChannel("acme/desk/night/", Principal("acme", "inbox:acme/desk/night/"))
        table.add_inbox(desk)
        table.add_inbox(inner)

        assert channels.inbox_of("acme/desk/monday/a.jsonl") == desk
        assert channels.inbox_of("acme/desk/night/a.jsonl") == inner
        assert channels.inbox_of("acme/desktop/a.jsonl") is None
        assert channels.inbox_of("acme/desk") is None
        assert channels.inbox_of("a.jsonl") is None
        assert table.inboxes() == {"acme/desk/": desk.principal, "acme/desk/night/": inner.principal}

        assert table.remove_inbox("acme/desk/night/")
        assert not table.remove_inbox("acme/desk/night/")
        assert channels.inbox_of("acme/desk/night/a.jsonl") == desk


class TestDynamoDbPartPlaces(PartPlaceStoreContract):
    @pytest.fixture
    def store(self, client: DynamoDBClient) -> DynamoDbPartPlaces:
        return DynamoDbPartPlaces(client, "questions")
