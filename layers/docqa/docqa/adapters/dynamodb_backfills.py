"""Backfills in DynamoDB, in the table of jobs: `backfill#<id>` and, for each part, `backfill#<id>#<part>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_documents.expressions import Item, names_of, plain, wire, wire_values
from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.errors import ConflictError
from docqa.models.backfill import Backfill, BackfillStatus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_COUNTS = ("copied", "unchanged", "refused")
_NUMBERS = ("listed", "parts", "parts_done", *_COUNTS)


class DynamoDbBackfillRegistry:
    """Implements `ports.BackfillRegistry` over a table with the key `job_id`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def create(self, backfill: Backfill) -> None:
        """Put a new one on record."""
        item = {"job_id": _id(backfill.backfill_id), **asdict(backfill), "status": backfill.status.value}
        try:
            with dynamodb_faults():
                self._client.put_item(
                    TableName=self._table,
                    Item=wire(item),
                    ConditionExpression="attribute_not_exists(#job_id)",
                    ExpressionAttributeNames={"#job_id": "job_id"},
                )
        except ConditionFailedError as error:
            raise ConflictError(f"there is a backfill {backfill.backfill_id} already") from error

    def get(self, backfill_id: str) -> Backfill | None:
        """The backfill, or None."""
        item = self._item(_id(backfill_id))
        if item is None:
            return None
        values = {one.name: item[one.name] for one in fields(Backfill) if one.name in item}
        values |= {name: int(item.get(name, 0)) for name in _NUMBERS}
        values |= {name: float(item.get(name, 0)) for name in ("started_at", "ended_at")}
        return Backfill(**{**values, "status": BackfillStatus(item["status"])})

    def list_position(self, backfill_id: str) -> tuple[str, int]:
        """The last key that was listed, and how many parts there are."""
        item = self._item(_id(backfill_id)) or {}
        return item.get("listed_to", ""), int(item.get("parts", 0))

    def add_part(self, backfill_id: str, part: int, objects: int, last_key: str) -> None:
        """Note a part that was written."""
        values = {"next": part + 1, "part": part, "objects": objects, "key": last_key}
        update = "SET #parts = :next, #listed = #listed + :objects, #listed_to = :key"
        self._update(_id(backfill_id), update, values, "#parts = :part")

    def set_status(self, backfill_id: str, status: BackfillStatus, expected: BackfillStatus) -> bool:
        """Change the status, if it still is as expected."""
        values = {"status": status.value, "expected": expected.value}
        return self._update(_id(backfill_id), "SET #status = :status", values, "#status = :expected") is not None

    def part_position(self, backfill_id: str, part: int) -> int:
        """How many objects of a part are through."""
        return int((self._item(_part_id(backfill_id, part)) or {}).get("position", 0))

    def advance_part(
        self, backfill_id: str, part: int, position: int, counts: Mapping[str, int], *, done: bool, now: float
    ) -> None:
        """Note how far a part is and count, in one transaction; what was noted before changes nothing."""
        amounts = {name: counts.get(name, 0) for name in _COUNTS}
        adding = "ADD " + ", ".join(f"#{name} :{name}" for name in (*_COUNTS, "parts_done"))
        before = "attribute_not_exists(#position) OR #position < :position"
        try:
            with dynamodb_faults():
                self._client.transact_write_items(
                    TransactItems=[
                        {
                            "Update": self._call(
                                _part_id(backfill_id, part), "SET #position = :position", {"position": position}, before
                            )
                        },
                        {"Update": self._call(_id(backfill_id), adding, {**amounts, "parts_done": int(done)})},
                    ]
                )
        except ConditionFailedError:
            pass  # counted before
        if done:
            values = {"done": BackfillStatus.DONE.value, "now": now}
            update = "SET #status = :done, #ended_at = :now"
            self._update(_id(backfill_id), update, values, "#parts_done = #parts AND #status <> :done")

    def _item(self, job_id: str) -> Item | None:
        with dynamodb_faults():
            found = self._client.get_item(TableName=self._table, Key={"job_id": {"S": job_id}}, ConsistentRead=True)
        return plain(found["Item"]) if "Item" in found else None

    def _update(self, job_id: str, update: str, values: Mapping[str, object], when: str) -> Item | None:
        """The item after the update; None when the condition did not hold."""
        try:
            with dynamodb_faults():
                answer = self._client.update_item(ReturnValues="ALL_NEW", **self._call(job_id, update, values, when))
        except ConditionFailedError:
            return None
        return plain(answer["Attributes"])

    def _call(self, job_id: str, update: str, values: Mapping[str, object], when: str = "") -> Any:
        call: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"job_id": {"S": job_id}},
            "UpdateExpression": update,
            "ExpressionAttributeNames": names_of(update, when),
            "ExpressionAttributeValues": wire_values(values),
        }
        return call | {"ConditionExpression": when} if when else call


def _id(backfill_id: str) -> str:
    return f"backfill#{backfill_id}"


def _part_id(backfill_id: str, part: int) -> str:
    return f"backfill#{backfill_id}#{part:06d}"
