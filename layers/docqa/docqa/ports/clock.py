"""The time."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The time, passed in so that tests decide it."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...
