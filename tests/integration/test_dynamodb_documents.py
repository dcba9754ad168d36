from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from docqa.adapters.dynamodb_documents import DocumentsTable, DynamoDBDocumentRegistry
from docqa.models.document import PageCounts
from tests.contracts.registry import RegistryContract, admitted, claimed
from tests.integration.documents_table import DOCUMENTS_TABLE, create_documents_table


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBDocumentRegistry]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        create_documents_table(client)
        yield DynamoDBDocumentRegistry(DocumentsTable(client, DOCUMENTS_TABLE))


class TestDynamoDBDocumentRegistry(RegistryContract):
    def test_items_stay_small_at_three_thousand_pages(self, registry: DynamoDBDocumentRegistry) -> None:
        """Promise 24: every second page unreadable, every step counted, is a fraction of the 400 KB of an item."""
        reference = claimed(registry, admitted(registry))
        unreadable = tuple((page, page) for page in range(1, 3001, 2))
        registry.record_pages(reference, PageCounts(total=3000, text_layer=1500, unreadable=unreadable))
        for span in range(200):
            registry.add_usage(reference, f"index:{span * 100}", {"embedded_texts": 100}, {"index": 0.125})
        found = registry.get_generation(reference.document_id, 1)
        assert found is not None
        assert found.pages.unreadable == unreadable
        item = boto3.client("dynamodb", region_name="eu-central-1").get_item(
            TableName=DOCUMENTS_TABLE,
            Key={"document_id": {"S": reference.document_id}, "item": {"S": "generation#000001"}},
        )["Item"]
        assert len(json.dumps(item)) < 20_000
