"""Transform jobs in a directory, with what they have transformed so far; they survive a restart of the server."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devstack.modelserver.arns import arn
from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.shelf import Shelf

IN_PROGRESS, COMPLETED, FAILED, STOPPING, STOPPED = "InProgress", "Completed", "Failed", "Stopping", "Stopped"


@dataclass(frozen=True)
class TransformJob:
    """One CreateTransformJob.

    Attributes:
        request: as it came.
        created, modified, started, ended: seconds since 1970; None: not yet.
        reason: why it failed, else empty.
    """

    request: dict[str, Any]
    created: float
    modified: float
    status: str = IN_PROGRESS
    started: float | None = None
    ended: float | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """Unique for ever."""
        return str(self.request["TransformJobName"])

    @property
    def arn(self) -> str:
        """Its ARN."""
        return job_arn(self.name)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in (COMPLETED, FAILED, STOPPED)


def job_arn(name: str) -> str:
    """ARN of the job of this name."""
    return arn("sagemaker", f"transform-job/{name}")


class TransformTable:
    """Jobs by name.

    Args:
        folder: their records, and what they are working on.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._shelf = Shelf(folder / "jobs")
        self._outputs = folder / "outputs"
        self._clock = clock

    def add(self, request: dict[str, Any], taken: AwsError) -> TransformJob:
        """A new job.

        Raises:
            AwsError: `taken`, because there was one of this name.
        """
        now = self._clock()
        job = TransformJob(request, now, now)
        self._shelf.add(job.name, asdict(job), taken)
        return job

    def find(self, name: str) -> TransformJob | None:
        """The job, or None."""
        record = self._shelf.find(name)
        return None if record is None else TransformJob(**record)

    def all(self) -> list[TransformJob]:
        """Every job, in no order."""
        return [TransformJob(**record) for record in self._shelf.all()]

    def change(self, job: TransformJob, **changes: Any) -> TransformJob:
        """Write the job down with these members changed."""
        record = self._shelf.change(job.name, {**changes, "modified": self._clock()})
        assert record is not None
        return TransformJob(**record)

    def spool(self, name: str) -> Path:
        """A folder for what the job has transformed, before it is written to the bucket."""
        folder = self._outputs / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def forget_spool(self, name: str) -> None:
        """The job is over."""
        shutil.rmtree(self._outputs / name, ignore_errors=True)
