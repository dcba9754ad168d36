"""Where the time of a question goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docqa.ports.clock import Clock


class Stopwatch:
    """Adds up seconds by stage and reports milliseconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now()
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what runs inside towards the stage; a stage may be entered several times."""
        began = self._clock.now()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + self._clock.now() - began

    def milliseconds(self) -> dict[str, float]:
        """Every stage, and `total` since this stopwatch was made."""
        seconds = {**self._seconds, "total": self._clock.now() - self._began}
        return {name: round(value * 1000, 1) for name, value in seconds.items()}
