from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from docqa.adapters import dynamodb_jobs
from docqa.adapters.dynamodb_inference_jobs import DynamoDbInferenceRegistry
from docqa.adapters.dynamodb_jobs import DynamoDbJobRegistry
from tests.contracts.inference_jobs import InferenceRegistryContract
from tests.contracts.jobs import LATER, JobRegistryContract
from tests.integration.account import account


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with account(monkeypatch, "eu-central-1"):
        client = boto3.client("dynamodb")
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

    def test_the_record_of_a_job_that_many_wait_for_stays_small(
        self, jobs: DynamoDbJobRegistry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Promise 22: the first are woken, and whoever comes later is told that it runs, and asks again."""
        monkeypatch.setattr(dynamodb_jobs, "WAITERS_MOST", 3)
        joined = [jobs.join("j", f"token-{n}", f"d:{n}", LATER) for n in range(5)]
        again = jobs.join("j", "token-1", "d:1", LATER)

        assert {(job.status, job.round, job.payer) for job in (*joined, again)} == {("STARTING", 1, "d:0")}
        ended = jobs.finish("j", 1, "external", "FAILED", "why")
        assert ended is not None
        assert ended.waiters == {"token-0", "token-1", "token-2"}
        assert jobs.join("j", "token-4", "d:4", LATER).waiters == {"token-4"}, "a new round has room"


class TestDynamoDbInferenceRegistry(InferenceRegistryContract):
    @pytest.fixture
    def inference(self, client: Any) -> DynamoDbInferenceRegistry:
        return DynamoDbInferenceRegistry(client, "jobs")
