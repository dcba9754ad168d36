"""Implements `ports.FeedbackStore`: an attribute of the answer's item, found by tenant through a sparse index."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.adapters.dynamodb_questions import KEPT_SECONDS, PROVISIONAL
from docqa.errors import InvalidRequestError
from docqa.models.answer import AnswerStatus
from docqa.models.feedback import FeedbackRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BY_FEEDBACK = "by_feedback"
_KEYS = {"answer_id", "feedback_tenant", "feedback_at"}


class DynamoDBFeedbackStore:
    """Lets an answer that was judged live on for as long as a new one: someone means to look at it."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def record(self, tenant: str, feedback: FeedbackRecord, now: float) -> bool:
        """Keep it; False: the answer is no longer there, or not for good."""
        try:
            with dynamodb_faults():
                self._client.update_item(
                    TableName=self._table,
                    Key={"answer_id": {"S": feedback.answer_id}},
                    UpdateExpression="SET feedback = :said, feedback_tenant = :tenant, feedback_at = :now,"
                    " expires_at = :end",
                    ConditionExpression="attribute_exists(answer) AND NOT outcome IN (:failed, :provisional)"
                    " AND tenant = :tenant",
                    ExpressionAttributeValues={
                        ":said": {"S": feedback.model_dump_json()},
                        ":tenant": {"S": tenant},
                        ":now": {"N": repr(now)},
                        ":end": {"N": str(int(now) + KEPT_SECONDS)},
                        ":failed": {"S": AnswerStatus.FAILED.value},
                        ":provisional": {"S": PROVISIONAL},
                    },
                )
        except ConditionFailedError:
            return False
        return True

    def list(self, tenant: str, limit: int, cursor: str | None) -> tuple[list[FeedbackRecord], str | None]:
        """A tenant's feedback, newest first, at most `limit`, and where the next page begins."""
        start: dict[str, Any] = {"ExclusiveStartKey": _start(tenant, cursor)} if cursor else {}
        with dynamodb_faults():
            found = self._client.query(
                TableName=self._table,
                IndexName=BY_FEEDBACK,
                KeyConditionExpression="feedback_tenant = :tenant",
                ExpressionAttributeValues={":tenant": {"S": tenant}},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        records = [FeedbackRecord.model_validate_json(item["feedback"]["S"]) for item in found["Items"]]
        return records, _cursor(found.get("LastEvaluatedKey"))


def _cursor(key: Any) -> str | None:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode() if key else None


def _start(tenant: str, cursor: str) -> dict[str, Any]:
    """The key that a cursor stands for: of the caller's own tenant, whatever it says."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor))
        values = {name: {kind: str(value[kind])} for name, kind, value in _parts(key)}
        float(values["feedback_at"]["N"])
    except (binascii.Error, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidRequestError("cursor: pass on what the page before said.") from error
    return {**values, "feedback_tenant": {"S": tenant}}


def _parts(key: Any) -> list[tuple[str, str, Any]]:
    if set(key) != _KEYS:
        raise ValueError("other keys")
    return [(name, "N" if name == "feedback_at" else "S", key[name]) for name in sorted(_KEYS)]
