"""How Textract behaves, changed while the server runs: quotas, injected faults, replay; and what happened since."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.quotas import RateLimit
from devstack.modelserver.settings import Quotas

Share = Annotated[float, Field(ge=0, le=1)]
COUNTED = (
    "starts", "repeated_starts", "gets", "pages", "refused_by_rate", "refused_by_jobs", "faults", "failed_jobs",
    "partial_jobs", "notifications", "duplicate_notifications", "lost_notifications", "late_notifications",
    "replayed_pages", "jobs_at_once_max",
)  # fmt: skip


class TextractBehaviour(BaseModel):
    """Body of PUT /_control/textract. Shares are of 0 to 1; None: no limit.

    Attributes:
        starts_per_second, gets_per_second: Above it, ProvisionedThroughputExceededException.
        jobs_at_once: With so many in progress, LimitExceededException.
        fault_share: Of starts and gets: by turns InternalServerError, ThrottlingException and
            ProvisionedThroughputExceededException, whatever the quotas say.
        failed_share: Of jobs: they end FAILED with INTERNAL_ERROR, though nothing is wrong with the document.
        partial_share: Of jobs over two and more pages: PARTIAL_SUCCESS, with a warning in place of the last page.
        duplicate_notifications, lost_notifications: Of jobs: announced twice, never.
        late_notifications: Of jobs: announced `late_seconds` after their end, so after jobs that ended later.
        replay: Folder of recorded responses that stand in for the OCR engine.
        job_seconds: A replayed job takes so long.
        seed: The same faults again with the same seed, as far as requests come in the same order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts_per_second: float | None = Field(None, gt=0)
    gets_per_second: float | None = Field(None, gt=0)
    jobs_at_once: int | None = Field(None, ge=1)
    fault_share: Share = 0.0
    failed_share: Share = 0.0
    partial_share: Share = 0.0
    duplicate_notifications: Share = 0.0
    lost_notifications: Share = 0.0
    late_notifications: Share = 0.0
    late_seconds: float = Field(3.0, ge=0)
    replay: Path | None = None
    job_seconds: float = Field(0.0, ge=0)
    seed: int = 0

    @field_validator("replay")
    @classmethod
    def _is_a_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise ValueError(f"{folder} is no folder")
        return folder

    @classmethod
    def of(cls, quotas: Quotas) -> TextractBehaviour:
        """What the command line asks for."""
        return cls(
            starts_per_second=quotas.textract_starts_per_second,
            gets_per_second=quotas.textract_gets_per_second,
            jobs_at_once=quotas.textract_jobs_at_once,
        )


class TextractControl:
    """The behaviour now, and counts since it was set.

    Args:
        behaviour: What holds until somebody sets another.
        clock: Seconds that only go forward.
    """

    def __init__(self, behaviour: TextractBehaviour, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.set(behaviour)

    def set(self, behaviour: TextractBehaviour) -> None:
        """Behave so from now on, and count from zero."""
        with self._lock:
            self.behaviour = behaviour
            self._random = random.Random(behaviour.seed)  # noqa: S311  # faults that can be had again, no secrets
            self._starts = RateLimit(behaviour.starts_per_second, self._clock)
            self._gets = RateLimit(behaviour.gets_per_second, self._clock)
            self._counts = Counter(dict.fromkeys(COUNTED, 0))

    def counts(self) -> dict[str, int]:
        """What happened since `set`, by the names of COUNTED."""
        with self._lock:
            return dict(self._counts)

    def count(self, name: str, number: int = 1) -> None:
        """So many more of it."""
        with self._lock:
            self._counts[name] += number

    def note_running(self, jobs: int) -> None:
        """So many jobs are in progress; the most is kept."""
        with self._lock:
            self._counts["jobs_at_once_max"] = max(self._counts["jobs_at_once_max"], jobs)

    def happens(self, share: float, counted_as: str) -> bool:
        """Whether it happens this time; if so it is counted."""
        with self._lock:
            drawn = self._random.random() < share
            self._counts[counted_as] += drawn
            return drawn

    def admit_start(self) -> None:
        """Let a start pass.

        Raises:
            AwsError: it is over the quota, or a fault was drawn.
        """
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

    def report(self) -> dict[str, Any]:
        """Answer of GET /_control/textract: the counts, and the settings under `settings`."""
        return {**self.counts(), "settings": self.behaviour.model_dump(mode="json")}


def _too_fast() -> AwsError:
    return AwsError("ProvisionedThroughputExceededException", "Provisioned rate exceeded")
