"""External jobs, and the executions that wait for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from docqa.models.document import DocumentReference


@dataclass(frozen=True, slots=True)
class ExtractionJob:
    """An external job and who waits for it.

    Attributes:
        job_id: Id of the item; what is to be extracted decides it, so that equal work meets in one job.
        round: 1, and one more each time the job was given up and started anew.
        external_id: The service's own id; empty until it was started.
        status: STARTING, RUNNING, SUCCEEDED or FAILED.
        waiters: Task tokens of the executions that wait.
        payer: The generation (`document_id:generation`) that is charged with the job: the first one to want it.
        message: Why it failed.
    """

    job_id: str
    round: int
    external_id: str
    status: str
    waiters: frozenset[str]
    payer: str = ""
    message: str = ""

    @property
    def token(self) -> str:
        """The client token and tag of this round: the same start is one job, a new round is a new one."""
        return f"{self.job_id}-{self.round}"


class JobRegistry(Protocol):
    """External jobs, written before they start, several waiters a job. Reads are strongly consistent."""

    def join(self, job_id: str, waiter: str, payer: str, expires: float) -> ExtractionJob:
        """Add a waiter, creating the job (STARTING, round 1) when there is none; the job as it now is.

        A job that is FAILED begins its next round (STARTING) with this waiter and this payer alone.

        Args:
            job_id: Which job.
            waiter: Task token of the execution that waits.
            payer: The waiter's generation (`document_id:generation`); it is charged if the job is new.
            expires: Seconds since the epoch after which the item may be dropped.
        """
        ...

    def get(self, job_id: str) -> ExtractionJob | None:
        """The job, or None."""
        ...

    def set_started(self, job_id: str, round_: int, external_id: str) -> ExtractionJob | None:
        """Note the service's id; the job as it now is, None if the round is over. What has ended stays ended."""
        ...

    def finish(self, job_id: str, round_: int, external_id: str, status: str, message: str) -> ExtractionJob | None:
        """Record SUCCEEDED or FAILED once; the job with its waiters, or None for an unknown job or an earlier round."""
        ...

    def give_up(self, job_id: str, round_: int, message: str) -> None:
        """Mark a job FAILED whatever it was: its result cannot be had (any more), so the next join starts anew."""
        ...


class Workflow(Protocol):
    """Executions of the ingest state machine."""

    def start(self, reference: DocumentReference, *, goes_on: bool = False) -> None:
        """Start the execution of this attempt; starting the same attempt twice is one execution.

        `goes_on`: its passages are cut already, and it waited for their vectors.
        """
        ...

    def running(self) -> frozenset[str]:
        """Names of the executions that are running now."""
        ...

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        """Wake a waiting task; a token that is no longer waiting is ignored."""
        ...
