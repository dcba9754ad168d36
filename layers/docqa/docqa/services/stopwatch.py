"""Where the time of a question goes, and whether there is enough of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from docqa.errors import ServiceUnavailableError
from docqa.ports.clock import Clock

TOTAL = "total"


class Stopwatch:
    """Adds up seconds by stage and reports milliseconds.

    Args:
        clock: The time.
        deadline: Seconds since the epoch; nothing is begun that may end after it.
        before: Milliseconds of an earlier stopwatch that this one goes on for.
    """

    def __init__(self, clock: Clock, deadline: float, before: Mapping[str, float] | None = None) -> None:
        seconds = {name: value / 1000 for name, value in (before or {}).items()}
        self._clock = clock
        self._deadline = deadline
        self._began = clock.now() - seconds.pop(TOTAL, 0.0)
        self._seconds = seconds

    @contextmanager
    def stage(self, name: str, at_most: float = 0.0) -> Iterator[None]:
        """Count what runs inside towards the stage; a stage may be entered several times.

        Args:
            name: Of the stage.
            at_most: Seconds that what runs inside may take.

        Raises:
            ServiceUnavailableError: fewer seconds than that are left; nothing was begun.
        """
        self.require(name, at_most)
        began = self._clock.now()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + self._clock.now() - began

    def require(self, name: str, seconds: float) -> None:
        """See that there is time for one more thing of a stage.

        Raises:
            ServiceUnavailableError: fewer seconds than that are left.
        """
        if self._deadline - self._clock.now() < seconds:
            raise ServiceUnavailableError(f"no time is left for {name}")

    def milliseconds(self) -> dict[str, float]:
        """Every stage, and `total` since this stopwatch was made."""
        seconds = {**self._seconds, TOTAL: self._clock.now() - self._began}
        return {name: round(value * 1000, 1) for name, value in seconds.items()}
