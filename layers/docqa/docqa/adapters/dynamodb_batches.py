"""Batches in DynamoDB, in the table of questions, dropped by time to live like these.

| answer_id | item |
|---|---|
| `batch#<id>` | a batch |
| `batch#<id>#<part>` | how far a part is |
| `batches#<tenant>` | ids of the tenant's batches that are under way (`open`) |

No answer's id has a `#` in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_documents.expressions import Item, names_of, plain, wire, wire_values
from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.adapters.dynamodb_questions import KEPT_SECONDS
from docqa.errors import NotFoundError
from docqa.models.batch import Batch, BatchCounts, BatchStatus, DroppedFile
from docqa.models.document import Failure
from docqa.models.inference import RouteChoice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = "answer_id"
_TIMES = ("created_at", "within_seconds", "started_at", "ends_by", "ended_at", "answering_since")
_NUMBERS = ("attempt", "questions", "parts", "searched", "prompts", "decisions", "told")
_WORDS = ("tenant", "subject", "body_hash", "results_to", "route", "route_reason", "task_token")
_ENDS = ("answered", "abstained", "failed")


class DynamoDbBatchRegistry:
    """Implements `ports.BatchRegistry`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def create(self, batch: Batch) -> Batch | None:
        """Put a new one on record: None, or the one that is there already."""
        item = {_KEY: _id(batch.batch_id), **_item_of(batch)}
        try:
            with dynamodb_faults():
                self._client.put_item(
                    TableName=self._table,
                    Item=wire(item),
                    ConditionExpression="attribute_not_exists(#answer_id)",
                    ExpressionAttributeNames={"#answer_id": _KEY},
                )
        except ConditionFailedError:
            return self.get(batch.batch_id)
        return None

    def get(self, batch_id: str) -> Batch | None:
        """The batch, or None."""
        item = self._item(_id(batch_id))
        return _batch_of(batch_id, item) if item is not None else None

    def take_place(self, tenant: str, batch_id: str, most: int) -> bool:
        """Count the batch among those under way."""
        values = {"one": frozenset({batch_id}), "id": batch_id, "most": most}
        when = "attribute_not_exists(#open) OR contains(#open, :id) OR size(#open) < :most"
        return self._update(_tenant_id(tenant), "ADD #open :one", values, when) is not None

    def free_place(self, tenant: str, batch_id: str) -> None:
        """It is under way no more."""
        self._update(_tenant_id(tenant), "DELETE #open :one", {"one": frozenset({batch_id})})

    def places(self, tenant: str) -> frozenset[str]:
        """Ids of the batches that hold places."""
        return frozenset((self._item(_tenant_id(tenant)) or {}).get("open", ()))

    def begin(self, batch_id: str, dropped: DroppedFile | None, now: float, ends_by: float) -> Batch | None:
        """The next attempt is RUNNING."""
        update = (
            "SET #status = :running, #started_at = :now, #ends_by = :by, #ended_at = :zero "
            + (", #dropped_key = :key, #dropped_version = :version " if dropped else "")
            + "REMOVE #failure, #model_away_since ADD #attempt :one"
        )
        values: dict[str, object] = {
            "running": BatchStatus.RUNNING.value,
            "done": BatchStatus.DONE.value,
            "now": now,
            "by": ends_by,
            "zero": 0,
            "one": 1,
        }
        if dropped:
            values |= {"key": dropped.key, "version": dropped.version_id}
        when = "attribute_exists(#status) AND #status <> :running AND #status <> :done"
        item = self._update(_id(batch_id), update, values, when)
        return _batch_of(batch_id, item) if item is not None else None

    def set_split(self, batch_id: str, questions: int, parts: int) -> None:
        """Note how it is shared out."""
        self._update(
            _id(batch_id), "SET #questions = :questions, #parts = :parts", {"questions": questions, "parts": parts}
        )

    def note_searched(self, batch_id: str, part: int, questions: int, prompts: int) -> None:
        """Passages were looked for, for the questions of a part."""
        told = self._note_part(batch_id, part, "SET #searched = :yes", {"yes": True}, "attribute_not_exists(#searched)")
        if told:
            amounts = {"questions": questions, "prompts": prompts}
            self._update(_id(batch_id), "ADD #searched :questions, #prompts :prompts", amounts)

    def set_route(self, batch_id: str, choice: RouteChoice, now: float, *, at_once: bool) -> Batch:
        """Note how the chat model is asked, unless that was decided before."""
        since = ", #answering_since = :now" if at_once else ""
        update = f"SET #route = :route, #route_reason = :reason{since} ADD #decisions :one"
        values: dict[str, object] = {"route": choice.route.value, "reason": choice.reason, "none": "", "one": 1}
        when = "attribute_not_exists(#route) OR #route = :none"
        item = self._update(_id(batch_id), update, values | ({"now": now} if at_once else {}), when)
        return _batch_of(batch_id, item) if item is not None else self._on_record(batch_id)

    def forget_route(self, batch_id: str) -> None:
        """Let a batch that has failed decide anew, unless there are answers."""
        when = "#status = :failed AND attribute_not_exists(#answered)"
        self._update(_id(batch_id), "REMOVE #route, #route_reason", {"failed": BatchStatus.FAILED.value}, when)

    def await_replies(self, batch_id: str, task_token: str) -> bool:
        """Note who is to be woken; False when the replies are there."""
        values = {"token": task_token, "yes": True}
        when = "attribute_not_exists(#replied) OR #replied <> :yes"
        return self._update(_id(batch_id), "SET #task_token = :token", values, when) is not None

    def replies_are_there(self, batch_id: str, now: float) -> Batch | None:
        """Note that they are."""
        update = "SET #replied = :yes, #answering_since = :now"
        item = self._update(_id(batch_id), update, {"yes": True, "now": now}, "attribute_exists(#status)")
        return _batch_of(batch_id, item) if item is not None else None

    def position(self, batch_id: str, part: int) -> int:
        """How many questions of a part have ended."""
        return int((self._item(_part_id(batch_id, part)) or {}).get("position", 0))

    def advance(self, batch_id: str, part: int, position: int, counts: BatchCounts, *, generated: bool) -> None:
        """Note how far a part is; the counts follow, and are only for looking at until the batch has ended."""
        when = "attribute_not_exists(#position) OR #position < :position"
        if not self._note_part(batch_id, part, "SET #position = :position", {"position": position}, when):
            return
        update = "ADD #answered :answered, #abstained :abstained, #failed :failed, #usd :usd"
        values = {name: getattr(counts, name) for name in (*_ENDS, "usd")}
        self._update(_id(batch_id), update + (" REMOVE #model_away_since" if generated else ""), values)

    def model_is_away(self, batch_id: str, now: float) -> float:
        """Since when the chat model cannot be had."""
        update = "SET #model_away_since = if_not_exists(#model_away_since, :now)"
        item = self._update(_id(batch_id), update, {"now": now}, "attribute_exists(#status)")
        return float(item["model_away_since"]) if item is not None else now

    def end(
        self,
        batch_id: str,
        attempt: int,
        status: BatchStatus,
        now: float,
        counts: BatchCounts | None,
        failure: Failure | None,
    ) -> bool:
        """DONE with these counts, or FAILED for this reason."""
        update = "SET #status = :status, #ended_at = :now"
        values: dict[str, object] = {"status": status.value, "now": now, "attempt": attempt}
        values |= {"done": BatchStatus.DONE.value, "over": BatchStatus.FAILED.value}
        if counts is not None:
            update += ", #answered = :answered, #abstained = :abstained, #failed = :failed, #usd = :usd"
            values |= {name: getattr(counts, name) for name in (*_ENDS, "usd")}
        if failure is not None:
            update += ", #failure = :failure"
            values["failure"] = {"code": failure.code, "message": failure.message}
        when = "#attempt = :attempt AND #status <> :done AND #status <> :over"
        return self._update(_id(batch_id), update + " REMOVE #task_token", values, when) is not None

    def note_told(self, batch_id: str, attempt: int) -> None:
        """The world has heard how this attempt ended."""
        self._update(_id(batch_id), "SET #told = :attempt", {"attempt": attempt}, "#attempt = :attempt")

    def _note_part(self, batch_id: str, part: int, update: str, values: Mapping[str, object], when: str) -> bool:
        expires = (self._item(_id(batch_id)) or {}).get("expires_at", 0)
        update += ", #expires_at = :expires"
        return self._update(_part_id(batch_id, part), update, {**values, "expires": expires}, when) is not None

    def _on_record(self, batch_id: str) -> Batch:
        batch = self.get(batch_id)
        if batch is None:
            raise NotFoundError(f"there is no batch {batch_id}")
        return batch

    def _item(self, key: str) -> Item | None:
        with dynamodb_faults():
            found = self._client.get_item(TableName=self._table, Key={_KEY: {"S": key}}, ConsistentRead=True)
        return plain(found["Item"]) if "Item" in found else None

    def _update(self, key: str, update: str, values: Mapping[str, object], when: str = "") -> Item | None:
        """The item after the update; None when the condition did not hold."""
        call: dict[str, Any] = {
            "TableName": self._table,
            "Key": {_KEY: {"S": key}},
            "UpdateExpression": update,
            "ExpressionAttributeNames": names_of(update, when),
            "ExpressionAttributeValues": wire_values(values),
            "ReturnValues": "ALL_NEW",
        }
        try:
            with dynamodb_faults():
                answer = self._client.update_item(**call | ({"ConditionExpression": when} if when else {}))
        except ConditionFailedError:
            return None
        return plain(answer["Attributes"])


def _item_of(batch: Batch) -> dict[str, object]:
    numbers = {name: getattr(batch, name) for name in (*_TIMES, *_NUMBERS)}
    dropped = batch.dropped
    where = {"dropped_key": dropped.key, "dropped_version": dropped.version_id} if dropped else {}
    threshold = {} if batch.threshold is None else {"threshold": batch.threshold}
    return {
        **numbers,
        **where,
        **threshold,
        **{name: getattr(batch, name) for name in _WORDS},
        "groups": batch.groups,
        "status": batch.status.value,
        "expires_at": int(batch.created_at) + KEPT_SECONDS,
    }


def _batch_of(batch_id: str, item: Item) -> Batch:
    failure, dropped = item.get("failure"), item.get("dropped_key")
    ends = {name: int(item.get(name, 0)) for name in _ENDS}
    plain_ones: dict[str, Any] = {name: float(item.get(name, 0)) for name in _TIMES}
    plain_ones |= {name: int(item.get(name, 0)) for name in _NUMBERS}
    plain_ones |= {name: item.get(name, "") for name in _WORDS}
    return Batch(
        batch_id=batch_id,
        groups=frozenset(item.get("groups", ())),
        status=BatchStatus(item["status"]),
        dropped=DroppedFile(dropped, item["dropped_version"]) if dropped else None,
        counts=BatchCounts(**ends, usd=float(item.get("usd", 0))),
        replied=bool(item.get("replied", False)),
        failure=Failure(failure["code"], failure["message"]) if failure else None,
        threshold=float(item["threshold"]) if "threshold" in item else None,
        **plain_ones,
    )


def _id(batch_id: str) -> str:
    return f"batch#{batch_id}"


def _part_id(batch_id: str, part: int) -> str:
    return f"batch#{batch_id}#{part:06d}"


def _tenant_id(tenant: str) -> str:
    return f"batches#{tenant}"
