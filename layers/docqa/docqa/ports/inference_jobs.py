"""The jobs that docqa has on record: who takes part in them, and how far they are."""

from __future__ import annotations

from typing import Protocol

from docqa.models.inference import InferenceJob, JobGroup, StartedJob


class InferenceRegistry(Protocol):
    """One item a job. Reads are strongly consistent; each change is one conditional write."""

    def join(self, group: JobGroup, member: str, records: int, most_records: int, now: float) -> InferenceJob:
        """Take part in the group's open job, opening one when there is none or the open one has no room for it.

        Joining twice is joining once, also when the job was closed in between.

        Args:
            group: What may go together.
            member: Who joins.
            records: How many records it brings.
            most_records: That a job takes. With more than that the service would refuse the whole of it; only a member
                that alone brings more has such a job, to itself.
            now: Seconds since the epoch.

        Raises:
            ConcurrentUpdateError: others keep changing the job.
        """
        ...

    def get(self, job_id: str) -> InferenceJob | None:
        """The job, or None."""
        ...

    def live(self) -> frozenset[str]:
        """Ids of the jobs that have not ended."""
        ...

    def hold(self, job_id: str, now: float, until: float) -> bool:
        """Take the job for oneself until then; False while another one works on it."""
        ...

    def let_go(self, job_id: str) -> None:
        """Give it back."""
        ...

    def close(self, job_id: str) -> None:
        """OPEN becomes STARTING: nobody joins any more."""
        ...

    def set_started(self, job_id: str, started: StartedJob, now: float) -> None:
        """STARTING becomes RUNNING."""
        ...

    def part_ended(self, job_id: str, part: str) -> InferenceJob | None:
        """Note that a part was answered; the job as it now is, None if it is not on record."""
        ...

    def end(self, job_id: str, message: str, now: float) -> None:
        """Whatever it was, it is ENDED."""
        ...
