"""Implements `ports.QuestionStore`: one item a question in the questions table, dropped by time to live."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.trace import AnswerTrace
from docqa.ports.questions import QuestionRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# How long an answer can be read again.
KEPT_SECONDS = 30 * 24 * 3600
# Not answered yet, or not for good: a failure, or an answer that was no final one.
PROVISIONAL = "provisional"
_OPEN = "attribute_not_exists(answer) OR outcome IN (:failed, :provisional)"
_FAILED: Any = {"S": AnswerStatus.FAILED.value}
_OPEN_VALUES: Any = {":failed": _FAILED, ":provisional": {"S": PROVISIONAL}}
# A sparse index: only what has not come to an end is in it, under this one key.
BY_SETTLING = "by_settling"
_UNSETTLED: Any = {"S": "unsettled"}


class DynamoDBQuestionStore:
    """Key `answer_id`. Question and answer are JSON texts: nothing but these two is ever searched by."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def begin(self, record: QuestionRecord, now: float) -> QuestionRecord | None:
        """Claim the question: None when the caller owns it now, else the record that is there already."""
        item: dict[str, Any] = {
            "answer_id": {"S": record.answer_id},
            "tenant": {"S": record.tenant},
            "subject": {"S": record.subject},
            "body_hash": {"S": record.body_hash},
            "body": {"S": json.dumps(dict(record.body))},
            "lease_until": {"N": repr(record.lease_until)},
            "asked_at": {"N": repr(record.asked_at)},
            "expires_at": {"N": str(int(now) + KEPT_SECONDS)},
        }
        if record.reply_to:
            item["reply_to"] = {"S": record.reply_to}
        if record.settle_at:
            item |= {"settling": _UNSETTLED, "settle_at": {"N": repr(record.settle_at)}}
        if record.groups:
            item["groups"] = {"SS": sorted(record.groups)}
        if record.threshold is not None:
            item["threshold"] = {"N": repr(record.threshold)}
        try:
            with dynamodb_faults():
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(answer_id) OR "
                    f"(({_OPEN}) AND lease_until <= :now AND body_hash = :body)",
                    ExpressionAttributeValues={
                        ":now": {"N": repr(now)},
                        ":body": {"S": record.body_hash},
                        **_OPEN_VALUES,
                    },
                )
        except ConditionFailedError:
            # Dropped by time to live between the two calls: then it is free again.
            return self.get(record.answer_id) or self.begin(record, now)
        return None

    def complete(
        self,
        answer_id: str,
        answer: Answer,
        sources: Sequence[str],
        trace: AnswerTrace | None = None,
        *,
        settled: bool = True,
        final: bool = True,
    ) -> Answer:
        """Record the answer once; the recorded one, which is the earlier when there was one that stands."""
        kept: dict[str, Any] = {":trace": {"B": _packed(trace)}} if trace is not None else {}
        try:
            with dynamodb_faults():
                self._client.update_item(
                    TableName=self._table,
                    Key={"answer_id": {"S": answer_id}},
                    UpdateExpression="SET answer = :answer, sources = :sources, outcome = :outcome"
                    + (", trace = :trace" if kept else "")
                    + (" REMOVE settling" if settled else ""),
                    ConditionExpression=f"attribute_exists(answer_id) AND ({_OPEN})",
                    ExpressionAttributeValues={
                        ":outcome": {"S": answer.status.value if final else PROVISIONAL},
                        **_OPEN_VALUES,
                        ":answer": {"S": answer.model_dump_json()},
                        ":sources": {"L": [{"S": source} for source in sources]},
                        **kept,
                    },
                )
        except ConditionFailedError:
            recorded = self.get(answer_id)
            return recorded.answer if recorded is not None and recorded.answer is not None else answer
        return answer

    def release(self, answer_id: str) -> None:
        """Let another worker take the pending question at once."""
        try:
            with dynamodb_faults():
                self._client.update_item(
                    TableName=self._table,
                    Key={"answer_id": {"S": answer_id}},
                    UpdateExpression="SET lease_until = :now",
                    ConditionExpression="attribute_exists(answer_id) AND attribute_not_exists(answer)",
                    ExpressionAttributeValues={":now": {"N": "0"}},
                )
        except ConditionFailedError:
            return

    def settle(self, answer_id: str) -> None:
        """The recorded answer was sent to whoever waits for it."""
        try:
            with dynamodb_faults():
                self._client.update_item(
                    TableName=self._table,
                    Key={"answer_id": {"S": answer_id}},
                    UpdateExpression="REMOVE settling",
                    ConditionExpression="attribute_exists(answer)",
                )
        except ConditionFailedError:
            return  # begun anew meanwhile

    def unsettled(self, now: float, limit: int) -> list[str]:
        """Ids of questions whose time to be settled has come, the earliest first."""
        with dynamodb_faults():
            found = self._client.query(
                TableName=self._table,
                IndexName=BY_SETTLING,
                KeyConditionExpression="settling = :unsettled AND settle_at <= :now",
                ExpressionAttributeValues={":unsettled": _UNSETTLED, ":now": {"N": repr(now)}},
                Limit=limit,
            )
        return [item["answer_id"]["S"] for item in found["Items"]]

    def get(self, answer_id: str) -> QuestionRecord | None:
        """The record, strongly consistent."""
        with dynamodb_faults():
            found = self._client.get_item(
                TableName=self._table, Key={"answer_id": {"S": answer_id}}, ConsistentRead=True
            ).get("Item")
        return _record(found) if found else None

    def trace(self, answer_id: str) -> AnswerTrace | None:
        """How the recorded answer came about, if that was kept."""
        with dynamodb_faults():
            found = self._client.get_item(
                TableName=self._table,
                Key={"answer_id": {"S": answer_id}},
                ProjectionExpression="#trace",
                ExpressionAttributeNames={"#trace": "trace"},
                ConsistentRead=True,
            ).get("Item")
        return _unpacked(found["trace"]["B"]) if found and "trace" in found else None


def _packed(trace: AnswerTrace) -> bytes:
    # A tenth of its size: an item is paid for by the kilobyte, and read whole with every look at the answer.
    return zlib.compress(trace.model_dump_json().encode())


def _unpacked(packed: bytes) -> AnswerTrace:
    return AnswerTrace.model_validate_json(zlib.decompress(packed))


def _record(item: dict[str, Any]) -> QuestionRecord:
    answer = item.get("answer")
    return QuestionRecord(
        answer_id=item["answer_id"]["S"],
        tenant=item["tenant"]["S"],
        subject=item["subject"]["S"],
        groups=frozenset(item.get("groups", {}).get("SS", ())),
        body_hash=item["body_hash"]["S"],
        body=json.loads(item["body"]["S"]),
        lease_until=float(item["lease_until"]["N"]),
        asked_at=float(item.get("asked_at", {}).get("N", 0.0)),  # an earlier release wrote none
        answer=Answer.model_validate_json(answer["S"]) if answer else None,
        sources=tuple(source["S"] for source in item.get("sources", {}).get("L", ())),
        final=item.get("outcome", {}).get("S") != PROVISIONAL,
        reply_to=item.get("reply_to", {}).get("S", ""),
        settle_at=float(item["settle_at"]["N"]) if "settling" in item else 0.0,
        threshold=float(item["threshold"]["N"]) if "threshold" in item else None,
    )
