"""Inference jobs in DynamoDB, in the table of external jobs.

| job_id | item |
|---|---|
| `<group>-<number>` | a job |
| `group#<group>` | the number of the group's job that takes members now |
| `member#<group>#<member>` | the job that this member joined |
| `inference#live` | the ids of all jobs that have not ended |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_documents.expressions import Item, names_of, plain, wire_values
from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.errors import ConcurrentUpdateError
from docqa.ids import content_id
from docqa.models.inference import InferenceJob, JobGroup, JobKind, JobStatus, Route, StartedJob

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LIVE = "inference#live"
_TRIES = 5
# A batch may take a day, its results are read at once; what is older is of no use to anybody.
KEPT_SECONDS = 7 * 24 * 3600
# Positions within the transaction of a member that joins.
_JOB, _MEMBER = range(2)


class DynamoDbInferenceRegistry:
    """Implements `ports.InferenceRegistry` over a table with the key `job_id`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def join(self, group: JobGroup, member: str, records: int, most_records: int, now: float) -> InferenceJob:
        """Take part in the group's open job."""
        name = content_id(group.kind, group.route, group.tenant, group.subject, group.alone)
        for _ in range(_TRIES):
            joined = self._item(f"member#{name}#{member}")
            if joined is not None and (job := self.get(joined["job"])) is not None:
                return job
            number = int((self._item(f"group#{name}") or {}).get("number", 1))
            try:
                self._join(f"{name}-{number}", name, group, member, records, most_records, now)
            except ConditionFailedError as error:
                if _JOB in error.writes and _MEMBER not in error.writes:
                    self._open_next(name, number, now)
        raise ConcurrentUpdateError(f"the open job of {name} is being changed by others")

    def _join(
        self, job_id: str, name: str, group: JobGroup, member: str, records: int, most_records: int, now: float
    ) -> None:
        joining = (
            "ADD #members :member, #records :records SET #status = :open, #kind = :kind, #route = :route, "
            "#tenant = :tenant, #subject = :subject, #alone = :alone, #expires_at = :expires, "
            "#opened_at = if_not_exists(#opened_at, :now)"
        )
        values = {
            "member": frozenset({member}),
            "records": records,
            "open": JobStatus.OPEN.value,
            "kind": group.kind.value,
            "route": group.route.value,
            "tenant": group.tenant,
            "subject": group.subject,
            "alone": group.alone,
            "expires": int(now + KEPT_SECONDS),
            "now": now,
            "room": most_records - records,
        }
        open_ = "attribute_not_exists(#status) OR (#status = :open AND #records <= :room)"
        noted = {"job": job_id, "expires": int(now + KEPT_SECONDS)}
        member_id = f"member#{name}#{member}"
        with dynamodb_faults():
            self._client.transact_write_items(
                TransactItems=[
                    {"Update": self._call(job_id, joining, values, open_)},
                    {
                        "Update": self._call(
                            member_id, "SET #job = :job, #expires_at = :expires", noted, "attribute_not_exists(#job)"
                        )
                    },
                    {"Update": self._call(_LIVE, "ADD #jobs :job", {"job": frozenset({job_id})})},
                ]
            )

    def _open_next(self, name: str, number: int, now: float) -> None:
        """Let the next ones join another job; somebody else may have done so already."""
        values = {"next": number + 1, "seen": number, "expires": int(now + KEPT_SECONDS)}
        when = "#number = :seen" if number > 1 else "attribute_not_exists(#number) OR #number = :seen"
        self._update(f"group#{name}", "SET #number = :next, #expires_at = :expires", values, when)

    def get(self, job_id: str) -> InferenceJob | None:
        """The job, or None."""
        item = self._item(job_id)
        return _job(item) if item is not None and "kind" in item else None

    def live(self) -> frozenset[str]:
        """Ids of the jobs that have not ended."""
        return frozenset((self._item(_LIVE) or {}).get("jobs", ()))

    def hold(self, job_id: str, now: float, until: float) -> bool:
        """Take the job for oneself until then."""
        free = "attribute_exists(#kind) AND (attribute_not_exists(#held_until) OR #held_until < :now)"
        values = {"until": until, "now": now}
        return self._update(job_id, "SET #held_until = :until", values, free) is not None

    def let_go(self, job_id: str) -> None:
        """Give it back."""
        self._update(job_id, "REMOVE #held_until", {}, "attribute_exists(#kind)")

    def close(self, job_id: str) -> None:
        """OPEN becomes STARTING."""
        values = {"starting": JobStatus.STARTING.value, "open": JobStatus.OPEN.value}
        self._update(job_id, "SET #status = :starting", values, "#status = :open")

    def set_started(self, job_id: str, started: StartedJob, now: float) -> None:
        """STARTING becomes RUNNING."""
        values: dict[str, object] = {
            "running": JobStatus.RUNNING.value,
            "starting": JobStatus.STARTING.value,
            "started": {"external_id": started.external_id, "parts": sorted(started.parts), "records": started.records},
            "now": now,
        }
        update = "SET #status = :running, #started = :started, #started_at = :now"
        if started.parts:
            update += ", #outstanding = :outstanding"
            values["outstanding"] = frozenset(started.parts)
        self._update(job_id, update, values, "#status = :starting")

    def part_ended(self, job_id: str, part: str) -> InferenceJob | None:
        """Note that a part was answered."""
        values = {"part": frozenset({part})}
        item = self._update(job_id, "DELETE #outstanding :part", values, "attribute_exists(#kind)")
        return _job(item) if item is not None else None

    def end(self, job_id: str, message: str, now: float) -> None:
        """Whatever it was, it is ENDED."""
        values = {"ended": JobStatus.ENDED.value, "message": message, "now": now}
        update = "SET #status = :ended, #message = :message, #ended_at = :now REMOVE #held_until, #outstanding"
        self._update(job_id, update, values, "attribute_exists(#kind)")
        self._update(_LIVE, "DELETE #jobs :job", {"job": frozenset({job_id})})

    def _item(self, job_id: str) -> Item | None:
        with dynamodb_faults():
            found = self._client.get_item(TableName=self._table, Key={"job_id": {"S": job_id}}, ConsistentRead=True)
        return plain(found["Item"]) if "Item" in found else None

    def _update(self, job_id: str, update: str, values: Mapping[str, object], when: str = "") -> Item | None:
        """The item after the update; None when the condition did not hold."""
        try:
            with dynamodb_faults():
                answer = self._client.update_item(ReturnValues="ALL_NEW", **self._call(job_id, update, values, when))
        except ConditionFailedError:
            return None
        return plain(answer.get("Attributes", {}))

    def _call(self, job_id: str, update: str, values: Mapping[str, object], when: str = "") -> Any:
        call: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"job_id": {"S": job_id}},
            "UpdateExpression": update,
            "ExpressionAttributeNames": names_of(update, when),
        }
        if values:
            call["ExpressionAttributeValues"] = wire_values(values)
        if when:
            call["ConditionExpression"] = when
        return call


def _job(item: Mapping[str, Any]) -> InferenceJob:
    started = item.get("started")
    return InferenceJob(
        job_id=item["job_id"],
        group=JobGroup(
            JobKind(item["kind"]), Route(item["route"]), item["tenant"], item["subject"], item.get("alone", "")
        ),
        status=JobStatus(item["status"]),
        opened_at=float(item["opened_at"]),
        members=frozenset(item.get("members", ())),
        records=int(item["records"]),
        started=started and StartedJob(started["external_id"], frozenset(started["parts"]), int(started["records"])),
        started_at=float(item.get("started_at", 0)),
        outstanding=frozenset(item.get("outstanding", ())),
        message=item.get("message", ""),
    )
