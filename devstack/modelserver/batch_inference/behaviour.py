"""How Bedrock behaves, real-time calls and batch jobs, changed while the server runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from pydantic import Field

from devstack.modelserver.aws_errors import throttled
from devstack.modelserver.faults import Control, NoticeBehaviour, Seconds, Share
from devstack.modelserver.notices import NOTICES_COUNTED
from devstack.modelserver.quotas import RateLimit

COUNTED = (
    *NOTICES_COUNTED,
    "calls", "throttled", "batch_jobs", "repeated_batch_jobs", "failed_jobs", "partial_jobs", "expired_jobs",
    "failed_records", "missing_outputs",
)  # fmt: skip


class BedrockBehaviour(NoticeBehaviour):
    """Body of PUT /_control/bedrock. Shares are of 0 to 1.

    Attributes:
        requests_per_second: Above it calls of the runtime get ThrottlingException; None: no limit.
        throttled_share: Of calls of the runtime and of CreateModelInvocationJob: ThrottlingException.
        failed_share: Of batch jobs: Failed, though nothing is wrong with them.
        partial_share: Of batch jobs: PartiallyCompleted, with half of the records.
        expired_share: Of batch jobs: Expired, before they began.
        failed_records_share: Of records: an error in place of the output.
        missing_output_share: Of output files: not written, though the job is Completed.
        queue_seconds: How long a job is Scheduled.
        job_seconds: A job is InProgress at least so long.
        least_records, most_records: Of a job; AWS's defaults, which it raises on request.
        jobs_at_once: With so many not over, ServiceQuotaExceededException; None: no limit.
        limits_faster: A job's timeout is over so many times sooner.
    """

    requests_per_second: float | None = Field(None, gt=0)
    throttled_share: Share = 0.0
    failed_share: Share = 0.0
    partial_share: Share = 0.0
    expired_share: Share = 0.0
    failed_records_share: Share = 0.0
    missing_output_share: Share = 0.0
    queue_seconds: Seconds = 0.0
    job_seconds: Seconds = 0.0
    least_records: int = Field(100, ge=1)
    most_records: int = Field(50_000, ge=1)
    jobs_at_once: int | None = Field(None, ge=1)
    limits_faster: float = Field(1.0, gt=0)


class BedrockControl(Control[BedrockBehaviour]):
    """The behaviour now, and counts since it was set, by the names of COUNTED.

    Args:
        behaviour: What holds until somebody sets another.
        clock: Seconds that only go forward.
    """

    def __init__(self, behaviour: BedrockBehaviour, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        super().__init__(behaviour, COUNTED)

    def set(self, behaviour: BedrockBehaviour) -> None:
        """Behave so from now on, and count from zero."""
        super().set(behaviour)
        self._rate = RateLimit(behaviour.requests_per_second, self._clock)

    def admits(self) -> bool:
        """Whether one more call of the runtime may pass now."""
        self.count("calls")
        if not self._rate.admits():
            self.count("throttled")
            return False
        return not self.happens(self.behaviour.throttled_share, "throttled")

    def admit_job(self) -> None:
        """Let the start of a job pass.

        Raises:
            AwsError: it is to be throttled.
        """
        if self.happens(self.behaviour.throttled_share, "throttled"):
            raise throttled("Too many requests, please wait before trying again.")
