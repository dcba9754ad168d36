"""Items in and out of the documents table, as plain Python values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_documents.expressions import (
    Change,
    Delete,
    Item,
    Key,
    Put,
    delete_call,
    names_of,
    plain,
    put_condition,
    update_call,
    wire,
    wire_key,
    wire_values,
)
from docqa.adapters.dynamodb_faults import dynamodb_faults
from docqa.errors import ThrottledError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What one BatchGetItem call takes.
READ_BATCH = 100
# Throttled remainders of one batch are asked for again this often; botocore waits between calls of its own.
READ_ROUNDS = 8


class DocumentsTable:
    """The calls that the registry makes, with docqa's errors."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, key: Key) -> Item | None:
        """One item, strongly consistent."""
        with dynamodb_faults():
            found = self._client.get_item(TableName=self._name, Key=wire_key(key), ConsistentRead=True)
        return plain(found["Item"]) if "Item" in found else None

    def get_many(self, keys: Sequence[Key], before_call: Callable[[], None] | None = None) -> list[Item]:
        """Those items that exist, strongly consistent, in no order; `before_call` is done before each call.

        Raises:
            ThrottledError: DynamoDB kept leaving some out.
        """
        left: list[Any] = [wire_key(key) for key in dict.fromkeys(keys)]
        found: list[Item] = []
        rounds = len(left) // READ_BATCH + READ_ROUNDS
        while left and rounds:
            batch, left = left[:READ_BATCH], left[READ_BATCH:]
            if before_call is not None:
                before_call()
            with dynamodb_faults():
                answer = self._client.batch_get_item(RequestItems={self._name: {"Keys": batch, "ConsistentRead": True}})
            found += [plain(item) for item in answer["Responses"].get(self._name, [])]
            if unread := answer["UnprocessedKeys"].get(self._name):
                left += unread["Keys"]
            rounds -= 1
        if left:
            raise ThrottledError(f"DynamoDB left {len(left)} items of a batch unread")
        return found

    def query(self, condition: str, values: Mapping[str, object], **options: Any) -> tuple[list[Item], Item | None]:
        """One page of items by key condition, and the key after which to go on."""
        with dynamodb_faults():
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression=condition,
                ExpressionAttributeNames=names_of(condition, options.get("FilterExpression", "")),
                ExpressionAttributeValues=wire_values(values),
                **options,
            )
        return [plain(item) for item in answer["Items"]], _last(answer.get("LastEvaluatedKey"))

    def count(self, condition: str, values: Mapping[str, object], **options: Any) -> int:
        """How many items of one page the key condition meets."""
        with dynamodb_faults():
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression=condition,
                ExpressionAttributeNames=names_of(condition),
                ExpressionAttributeValues=wire_values(values),
                Select="COUNT",
                **options,
            )
        return answer["Count"]

    def scan(self, condition: str, values: Mapping[str, object], **options: Any) -> tuple[list[Item], Item | None]:
        """One page of the whole table, those items of it that the condition lets through."""
        with dynamodb_faults():
            answer = self._client.scan(
                TableName=self._name,
                FilterExpression=condition,
                ExpressionAttributeNames=names_of(condition),
                ExpressionAttributeValues=wire_values(values),
                ConsistentRead=True,
                **options,
            )
        return [plain(item) for item in answer["Items"]], _last(answer.get("LastEvaluatedKey"))

    def update(self, change: Change) -> Item:
        """Make one change; the item as it now is.

        Raises:
            ConditionFailedError: the condition did not hold.
        """
        with dynamodb_faults():
            answer = self._client.update_item(TableName=self._name, ReturnValues="ALL_NEW", **update_call(change))
        return plain(answer.get("Attributes", {}))

    def put(self, item: Item) -> None:
        """Write one whole item, whatever was there."""
        with dynamodb_faults():
            self._client.put_item(TableName=self._name, Item=wire(item))

    def delete(self, delete: Delete) -> None:
        """Delete an item if it fulfils the condition.

        Raises:
            ConditionFailedError: it does not.
        """
        with dynamodb_faults():
            self._client.delete_item(TableName=self._name, **delete_call(delete))

    def transact(self, writes: Sequence[Change | Put | Delete]) -> None:
        """Make all writes or none.

        Raises:
            ConditionFailedError: names the positions of the writes whose condition did not hold.
        """
        with dynamodb_faults():
            self._client.transact_write_items(TransactItems=[self._item(write) for write in writes])

    def _item(self, write: Change | Put | Delete) -> Any:
        """One write's part of a transaction."""
        if isinstance(write, Change):
            return {"Update": {"TableName": self._name, **update_call(write)}}
        if isinstance(write, Delete):
            return {"Delete": {"TableName": self._name, **delete_call(write)}}
        return {"Put": {"TableName": self._name, "Item": wire(write.item), **put_condition(write.when, write.values)}}


def _last(key: Mapping[str, Any] | None) -> Item | None:
    return None if key is None else plain(key)
