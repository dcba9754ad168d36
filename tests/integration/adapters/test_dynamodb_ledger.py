from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from docqa.adapters.dynamodb_ledger import (
    CHARGE_KEPT_SECONDS,
    DAY_KEPT_SECONDS,
    PARTS,
    ROUNDS,
    DynamoDBSpendingLedger,
)
from docqa.errors import ConcurrentUpdateError
from tests.contracts.ledger import CHAT, NOON, LedgerContract
from tests.integration.spending_table import SPENDING_TABLE, create_spending_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBClient]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        create_spending_table(client)
        yield client


@pytest.fixture
def ledger(client: DynamoDBClient) -> DynamoDBSpendingLedger:
    return DynamoDBSpendingLedger(client, SPENDING_TABLE)


class TestDynamoDBSpendingLedger(LedgerContract):
    def test_charges_of_a_busy_tenant_meet_in_few_items_but_not_in_one(
        self, ledger: DynamoDBSpendingLedger, client: DynamoDBClient
    ) -> None:
        """Promise 55: a hundred charges a second are not refused for each other's sake, and one query sums a day up."""
        for n in range(200):
            ledger.add("acme", f"{n}", CHAT, NOON)

        items = client.scan(TableName=SPENDING_TABLE)["Items"]
        parts = [item for item in items if item["owner"]["S"] == "tenant#acme"]
        assert len(parts) == PARTS
        assert max(int(part["nano_chat"]["N"]) for part in parts) < 200 * 250_000_000 / 4

    def test_marks_and_days_are_dropped_some_day(self, ledger: DynamoDBSpendingLedger, client: DynamoDBClient) -> None:
        ledger.add("acme", "key", CHAT, NOON)

        items = client.scan(TableName=SPENDING_TABLE)["Items"]
        kept = {item["owner"]["S"].partition("#")[0]: item.get("expires_at") for item in items}
        assert kept == {
            "charge": {"N": str(int(NOON) + CHARGE_KEPT_SECONDS)},
            "tenant": {"N": str(int(NOON) + DAY_KEPT_SECONDS)},
            "tenants": None,
        }

    def test_a_conflict_with_another_writer_is_tried_again_and_then_told(self, client: DynamoDBClient) -> None:
        contended = Contended(client, conflicts=ROUNDS - 1)
        ledger = DynamoDBSpendingLedger(contended, SPENDING_TABLE)  # type: ignore[arg-type]

        assert ledger.add("acme", "one", CHAT, NOON)
        contended.conflicts = ROUNDS
        with pytest.raises(ConcurrentUpdateError):
            ledger.add("acme", "two", CHAT, NOON)
        assert ledger.add("acme", "two", CHAT, NOON), "nothing of it was written"


class Contended:
    """A client whose next transactions meet others'."""

    def __init__(self, client: DynamoDBClient, conflicts: int) -> None:
        self._client = client
        self.conflicts = conflicts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **arguments: Any) -> Any:
        if self.conflicts:
            self.conflicts -= 1
            reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
            response: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(response, "TransactWriteItems")
        return self._client.transact_write_items(**arguments)
