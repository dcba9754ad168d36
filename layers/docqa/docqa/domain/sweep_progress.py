"""How far a sweep of the bucket has come, kept between its runs."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Phase(StrEnum):
    """What a sweep goes through: every object, then every document on record."""

    OBJECTS = "objects"
    DOCUMENTS = "documents"
    FINISHED = "finished"


class SweepProgress(BaseModel):
    """Where the next run goes on.

    Attributes:
        after: In this phase everything up to here is done: a key of the bucket, or a cursor of the registry.
        started: Seconds since the epoch when this sweep began.
        since: When the sweep before it began, so that only metadata files written later are looked at; 0: never.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    phase: Phase
    after: str = ""
    started: float
    since: float = 0.0

    def at(self, after: str) -> SweepProgress:
        """The same phase, further on."""
        return self.model_copy(update={"after": after})

    def enter(self, phase: Phase) -> SweepProgress:
        """The beginning of a phase."""
        return self.model_copy(update={"phase": phase, "after": ""})


def next_progress(stored: str | None, now: float, pause: float) -> SweepProgress | None:
    """What a run has to go on with; None while the pause between two sweeps lasts.

    Args:
        stored: What the last run left (`SweepProgress` as JSON); None: there was none.
        now: Seconds since the epoch.
        pause: Seconds from the beginning of a sweep to that of the next.
    """
    if stored is None:
        return SweepProgress(phase=Phase.OBJECTS, started=now)
    progress = SweepProgress.model_validate_json(stored)
    if progress.phase is not Phase.FINISHED:
        return progress
    if now - progress.started < pause:
        return None
    return SweepProgress(phase=Phase.OBJECTS, started=now, since=progress.started)
