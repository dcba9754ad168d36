"""What the quick ways of moto's account must not change: a transaction that fails has changed nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration.account import account

KEYS: dict[str, dict[str, Any]] = {
    "with a range key": {"part": {"S": "a"}, "row": {"S": "1"}},
    "without": {"part": {"S": "a"}},
}


@pytest.fixture(params=KEYS)
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A client, and the key of the one item of its table."""
    key = KEYS[request.param]
    with account(monkeypatch, "us-east-1"):
        client = boto3.client("dynamodb")
        client.create_table(
            TableName="things",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in key],
            KeySchema=[{"AttributeName": name, "KeyType": "HASH" if name == "part" else "RANGE"} for name in key],
        )
        client.put_item(TableName="things", Item=key | {"count": {"N": "1"}, "list_of": {"L": [{"S": "x"}]}})
        yield client, key


def update(key: dict[str, Any], **more: Any) -> dict[str, Any]:
    change = "SET #c = #c + :one, list_of = list_append(list_of, :more)"
    values = {":one": {"N": "1"}, ":more": {"L": [{"S": "y"}]}}
    return {
        "Update": {
            "TableName": "things",
            "Key": key,
            "UpdateExpression": change,
            "ExpressionAttributeNames": {"#c": "count"},
            "ExpressionAttributeValues": values,
        }
        | more
    }


def test_a_transaction_that_fails_changes_nothing(table: tuple[Any, dict[str, Any]]) -> None:
    client, key = table
    before = client.scan(TableName="things")["Items"]
    added = {"Put": {"TableName": "things", "Item": key | {"part": {"S": "b"}}}}
    refused = {
        "ConditionCheck": {
            "TableName": "things",
            "Key": key | {"part": {"S": "c"}},
            "ConditionExpression": "attribute_exists(part)",
        }
    }

    with pytest.raises(ClientError) as caught:
        client.transact_write_items(TransactItems=[update(key), added, refused])

    reasons = [one["Code"] for one in caught.value.response["CancellationReasons"]]
    assert reasons == ["None", "None", "ConditionalCheckFailed"]
    assert client.scan(TableName="things")["Items"] == before


def test_one_that_deletes_and_fails_keeps_the_item(table: tuple[Any, dict[str, Any]]) -> None:
    client, key = table
    before = client.scan(TableName="things")["Items"]
    twice = {"Delete": {"TableName": "things", "Key": key}}

    with pytest.raises(ClientError):
        client.transact_write_items(TransactItems=[twice, twice])

    assert client.scan(TableName="things")["Items"] == before


def test_one_that_succeeds_is_seen(table: tuple[Any, dict[str, Any]]) -> None:
    client, key = table

    client.transact_write_items(TransactItems=[update(key)])

    (item,) = client.scan(TableName="things")["Items"]
    assert item == key | {"count": {"N": "2"}, "list_of": {"L": [{"S": "x"}, {"S": "y"}]}}
