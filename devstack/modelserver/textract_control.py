"""How Textract behaves, changed while the server runs: quotas, injected faults, replay; and what happened since."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import Field, field_validator

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.faults import Control, NoticeBehaviour, Share
from devstack.modelserver.quotas import RateLimit

COUNTED = (
    "starts", "repeated_starts", "gets", "pages", "refused_by_rate", "refused_by_jobs", "faults", "failed_jobs",
    "partial_jobs", "notifications", "duplicate_notifications", "lost_notifications", "late_notifications",
    "replayed_pages", "jobs_at_once_max",
)  # fmt: skip
# Starts that wait for each other wait no longer: their clients give up after 25 seconds (bootstrap/clients.py).
TOGETHER_SECONDS = 20.0


class TextractBehaviour(NoticeBehaviour):
    """Body of PUT /_control/textract. Shares are of 0 to 1; None: no limit.

    Attributes:
        starts_per_second, gets_per_second: Above it, ProvisionedThroughputExceededException.
        starts_together: The first so many starts wait for each other, TOGETHER_SECONDS at most.
        jobs_at_once: With so many in progress, LimitExceededException.
        fault_share: Of starts and gets: by turns InternalServerError, ThrottlingException and
            ProvisionedThroughputExceededException, whatever the quotas say.
        failed_share: Of jobs: they end FAILED with INTERNAL_ERROR, though nothing is wrong with the document.
        partial_share: Of jobs over two and more pages: PARTIAL_SUCCESS, with a warning in place of the last page.
        replay: Folder of recorded responses that stand in for the OCR engine.
        job_seconds: A replayed job takes so long.
    """

    starts_per_second: float | None = Field(None, gt=0)
    gets_per_second: float | None = Field(None, gt=0)
    starts_together: int = Field(0, ge=0)
    jobs_at_once: int | None = Field(None, ge=1)
    fault_share: Share = 0.0
    failed_share: Share = 0.0
    partial_share: Share = 0.0
    replay: Path | None = None
    job_seconds: float = Field(0.0, ge=0)

    @field_validator("replay")
    @classmethod
    def _is_a_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise ValueError(f"{folder} is no folder")
        return folder


class TextractControl(Control[TextractBehaviour]):
    """The behaviour now, and counts since it was set, by the names of COUNTED.

    Args:
        behaviour: What holds until somebody sets another.
        clock: Seconds that only go forward.
    """

    def __init__(self, behaviour: TextractBehaviour, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        super().__init__(behaviour, COUNTED)

    def set(self, behaviour: TextractBehaviour) -> None:
        """Behave so from now on, and count from zero."""
        super().set(behaviour)
        self._starts = RateLimit(behaviour.starts_per_second, self._clock)
        self._gets = RateLimit(behaviour.gets_per_second, self._clock)
        self._together = _Together(behaviour.starts_together)

    def note_running(self, jobs: int) -> None:
        """So many jobs are in progress; the most is kept."""
        with self._lock:
            self._counts["jobs_at_once_max"] = max(self._counts["jobs_at_once_max"], jobs)

    def admit_start(self) -> None:
        """Let a start pass.

        Raises:
            AwsError: it is over the quota, or a fault was drawn.
        """
        self._together.wait(TOGETHER_SECONDS)
        self._admit(self._starts)

    def admit_get(self) -> None:
        """Let a question for results pass; errors as of `admit_start`."""
        self.count("gets")
        self._admit(self._gets)

    def _admit(self, limit: RateLimit) -> None:
        if not limit.admits():
            self.count("refused_by_rate")
            raise _too_fast()
        if self.happens(self.behaviour.fault_share, "faults"):
            raise self._fault()

    def _fault(self) -> AwsError:
        faults = (
            AwsError("InternalServerError", "Internal server error", status=500),
            AwsError("ThrottlingException", "Rate exceeded"),
            _too_fast(),
        )
        return faults[self.counts()["faults"] % len(faults)]


class _Together:
    """The first so many callers go on together; later ones, or those for whom no other comes in time, alone."""

    def __init__(self, callers: int) -> None:
        self._missing = callers
        self._changed = threading.Condition()

    def wait(self, seconds: float) -> None:
        with self._changed:
            self._missing -= 1
            if self._missing > 0 and not self._changed.wait_for(lambda: self._missing <= 0, seconds):
                self._missing = 0
            self._changed.notify_all()


def _too_fast() -> AwsError:
    return AwsError("ProvisionedThroughputExceededException", "Provisioned rate exceeded")
