"""A version that waits for its turn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the lines of waiting versions tell about one of them.

    Attributes:
        due: Seconds since the epoch since when it may be started: its receipt, or the end of its delay.
        again: It was tried before, so that it waits in the line of retries.
    """

    document_id: str
    generation: int
    tenant: str
    due: float
    again: bool = False
