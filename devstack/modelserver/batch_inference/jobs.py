"""Batch inference jobs in a directory, with what they have answered so far; they survive a restart of the server."""

from __future__ import annotations

import secrets
import shutil
import string
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devstack.modelserver.arns import arn
from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.shelf import Shelf

SUBMITTED, VALIDATING, SCHEDULED, IN_PROGRESS = "Submitted", "Validating", "Scheduled", "InProgress"
ON_THE_WAY = (SUBMITTED, VALIDATING, SCHEDULED, IN_PROGRESS)
COMPLETED, PARTIALLY, FAILED, EXPIRED = "Completed", "PartiallyCompleted", "Failed", "Expired"
STOPPING, STOPPED = "Stopping", "Stopped"
OVER = frozenset({COMPLETED, PARTIALLY, FAILED, EXPIRED, STOPPED})
ID_LETTERS, ID_LENGTH = string.ascii_lowercase + string.digits, 12


@dataclass(frozen=True)
class BatchJob:
    """One CreateModelInvocationJob.

    Attributes:
        id: twelve letters and digits; the folder of its output.
        request: as it came.
        submitted, modified, ended: seconds since 1970; None: not yet.
        message: why it failed, else empty.
        total, succeeded, errors: how many records it has, and how many were answered in one way or the other.
    """

    id: str
    request: dict[str, Any]
    submitted: float
    modified: float
    status: str = SUBMITTED
    ended: float | None = None
    message: str = ""
    total: int = 0
    succeeded: int = 0
    errors: int = 0

    @property
    def arn(self) -> str:
        """Its ARN."""
        return arn("bedrock", f"model-invocation-job/{self.id}")

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in OVER


class BatchTable:
    """Jobs by id and by client request token.

    Args:
        folder: their records, and what they are working on.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._shelf = Shelf(folder / "jobs")
        self._outputs = folder / "outputs"
        self._clock = clock

    def add(self, request: dict[str, Any]) -> BatchJob:
        """A new job."""
        now = self._clock()
        job = BatchJob("".join(secrets.choice(ID_LETTERS) for _ in range(ID_LENGTH)), request, now, now)
        self._shelf.add(job.id, asdict(job), AwsError("InternalServerException", "the id was taken", 500))
        return job

    def find(self, identifier: str) -> BatchJob | None:
        """The job of this id or ARN, or None."""
        record = self._shelf.find(identifier.rpartition("/")[2])
        return None if record is None else BatchJob(**record)

    def find_by_token(self, token: str) -> BatchJob | None:
        """The job that was started with this clientRequestToken, or None."""
        return next((job for job in self.all() if job.request.get("clientRequestToken") == token), None)

    def all(self) -> list[BatchJob]:
        """Every job, in no order."""
        return [BatchJob(**record) for record in self._shelf.all()]

    def change(self, job: BatchJob, **changes: Any) -> BatchJob:
        """Write the job down with these members changed."""
        record = self._shelf.change(job.id, {**changes, "modified": self._clock()})
        assert record is not None
        return BatchJob(**record)

    def advance(self, job_id: str, status: str) -> BatchJob | None:
        """The job with the next status; None if it came so far before, or is to stop."""

        def is_before(record: dict[str, Any]) -> bool:
            return record["status"] in ON_THE_WAY[: ON_THE_WAY.index(status)]

        record = self._shelf.change(job_id, {"status": status, "modified": self._clock()}, is_before)
        return None if record is None else BatchJob(**record)

    def spool(self, job_id: str) -> Path:
        """A folder for what the job has answered, before it is written to the bucket."""
        folder = self._outputs / job_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def forget_spool(self, job_id: str) -> None:
        """The job is over."""
        shutil.rmtree(self._outputs / job_id, ignore_errors=True)
