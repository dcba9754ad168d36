"""External jobs in DynamoDB: one item a job, every change one conditional write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_documents.expressions import names_of, plain, wire_values
from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.errors import ConcurrentUpdateError
from docqa.ports.jobs import ExtractionJob

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 3
# A token has up to a kilobyte, an item up to 400: whoever comes later asks by itself when its task's time is over.
WAITERS_MOST = 200


class DynamoDbJobRegistry:
    """Implements `ports.JobRegistry` over a table with the key `job_id`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def join(self, job_id: str, waiter: str, payer: str, expires: float) -> ExtractionJob:
        """Add a waiter, creating the job or its next round.

        Raises:
            ConcurrentUpdateError: others kept changing the job.
        """
        for _ in range(_TRIES):
            joined = self._add_waiter(job_id, waiter, payer, expires) or self._begin_next_round(
                job_id, waiter, payer, expires
            )
            if joined is not None:
                return joined
            job = self.get(job_id)
            if job is not None and (job.status == "SUCCEEDED" or len(job.waiters) >= WAITERS_MOST):
                return job
        raise ConcurrentUpdateError(f"job {job_id} is being changed by others")

    def _add_waiter(self, job_id: str, waiter: str, payer: str, expires: float) -> ExtractionJob | None:
        return self._update(
            job_id,
            "ADD #waiters :waiter SET #status = if_not_exists(#status, :starting), "
            "#round = if_not_exists(#round, :one), #payer = if_not_exists(#payer, :payer), #expires_at = :expires",
            "attribute_not_exists(#status) OR (#status IN (:starting, :running) AND size(#waiters) < :most)",
            {
                "waiter": {waiter},
                "starting": "STARTING",
                "one": 1,
                "payer": payer,
                "expires": int(expires),
                "running": "RUNNING",
                "most": WAITERS_MOST,
            },
        )

    def _begin_next_round(self, job_id: str, waiter: str, payer: str, expires: float) -> ExtractionJob | None:
        job = self.get(job_id)
        return job and self._update(
            job_id,
            "SET #status = :starting, #round = :next, #waiters = :waiter, #payer = :payer, #expires_at = :expires "
            "REMOVE #external_id, #message",
            "#status = :failed AND #round = :seen",
            {
                "starting": "STARTING",
                "next": job.round + 1,
                "waiter": {waiter},
                "payer": payer,
                "expires": int(expires),
                "failed": "FAILED",
                "seen": job.round,
            },
        )

    def get(self, job_id: str) -> ExtractionJob | None:
        """The job, or None."""
        with dynamodb_faults():
            found = self._client.get_item(TableName=self._table, Key={"job_id": {"S": job_id}}, ConsistentRead=True)
        return _job(plain(found["Item"])) if "Item" in found else None

    def set_started(self, job_id: str, round_: int, external_id: str) -> ExtractionJob | None:
        """Note the service's id."""
        started = self._update(
            job_id,
            "SET #external_id = :external, #status = :running",
            "#round = :round AND #status = :starting",
            {"external": external_id, "running": "RUNNING", "round": round_, "starting": "STARTING"},
        )
        return started or self._same_round(job_id, round_)

    def finish(self, job_id: str, round_: int, external_id: str, status: str, message: str) -> ExtractionJob | None:
        """Record SUCCEEDED or FAILED once."""
        finished = self._update(
            job_id,
            "SET #external_id = :external, #status = :ended, #message = :message",
            "#round = :round AND #status IN (:starting, :running)",
            {
                "external": external_id,
                "ended": status,
                "message": message if status == "FAILED" else "",
                "round": round_,
                "starting": "STARTING",
                "running": "RUNNING",
            },
        )
        return finished or self._same_round(job_id, round_)

    def give_up(self, job_id: str, round_: int, message: str) -> None:
        """Mark a job FAILED whatever it was; nothing happens when its round is over."""
        values = {"failed": "FAILED", "message": message, "round": round_}
        self._update(job_id, "SET #status = :failed, #message = :message", "#round = :round", values)

    def _same_round(self, job_id: str, round_: int) -> ExtractionJob | None:
        job = self.get(job_id)
        return job if job is not None and job.round == round_ else None

    def _update(self, job_id: str, update: str, when: str, values: Mapping[str, object]) -> ExtractionJob | None:
        """The job after the update; None when the condition did not hold."""
        try:
            with dynamodb_faults():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key={"job_id": {"S": job_id}},
                    UpdateExpression=update,
                    ConditionExpression=when,
                    ExpressionAttributeNames=names_of(update, when),
                    ExpressionAttributeValues=wire_values(values),
                    ReturnValues="ALL_NEW",
                )
        except ConditionFailedError:
            return None
        return _job(plain(answer["Attributes"]))


def _job(item: Mapping[str, Any]) -> ExtractionJob:
    return ExtractionJob(
        job_id=item["job_id"],
        round=int(item["round"]),
        external_id=item.get("external_id", ""),
        status=item["status"],
        waiters=frozenset(item.get("waiters", ())),
        payer=item.get("payer", ""),
        message=item.get("message", ""),
    )
