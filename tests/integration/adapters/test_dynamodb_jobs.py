from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from docqa.adapters.dynamodb_inference_jobs import DynamoDbInferenceRegistry
from docqa.adapters.dynamodb_jobs import DynamoDbJobRegistry
from tests.contracts.inference_jobs import InferenceRegistryContract
from tests.contracts.jobs import JobRegistryContract


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        client.create_table(
            TableName="jobs",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "job_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "job_id", "KeyType": "HASH"}],
        )
        yield client


class TestDynamoDbJobRegistry(JobRegistryContract):
    @pytest.fixture
    def jobs(self, client: Any) -> DynamoDbJobRegistry:
        return DynamoDbJobRegistry(client, "jobs")


class TestDynamoDbInferenceRegistry(InferenceRegistryContract):
    @pytest.fixture
    def inference(self, client: Any) -> DynamoDbInferenceRegistry:
        return DynamoDbInferenceRegistry(client, "jobs")
