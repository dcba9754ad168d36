from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from docqa.adapters.dynamodb_documents import DocumentsTable, DynamoDBDocumentRegistry
from tests.contracts.registry import RegistryContract
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
    pass
