"""What can be done in time: work that waits, and how long it will take at the pace of the last of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devstack.modelserver.models.ports import EmbeddingBusyError

# How much one measurement counts: a pace that changes is known after a dozen runs.
WEIGHT = 0.1


class Pace:
    """Admits texts as long as they will be embedded within a time, on a machine that others may slow down.

    Args:
        workers: runs side by side.
        seconds_a_text: of one worker, before anything was measured.
        longest: seconds that the last text may have to wait. Who asks gives up after some time, while the work would
            still be done for nobody, and asks again.
        clock: seconds that only go forward.
    """

    def __init__(self, workers: int, seconds_a_text: float, longest: float, clock: Callable[[], float]) -> None:
        self._workers = workers
        self._seconds_a_text = seconds_a_text
        self._longest = longest
        self._clock = clock
        self._waiting = 0
        self._lock = threading.Lock()

    @contextmanager
    def place(self, texts: int) -> Iterator[None]:
        """So many texts wait from here on, and have been embedded at the end.

        Raises:
            EmbeddingBusyError: others wait already, and these would be done too late.
        """
        with self._lock:
            seconds = (self._waiting + texts) * self._seconds_a_text / self._workers
            if self._waiting and seconds > self._longest:
                raise EmbeddingBusyError(f"{self._waiting} texts are waiting: {seconds:.0f} s with these")
            self._waiting += texts
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= texts

    @contextmanager
    def run(self, texts: int) -> Iterator[None]:
        """One worker embeds so many texts now."""
        began = self._clock()
        yield
        took = (self._clock() - began) / texts
        with self._lock:
            self._seconds_a_text += WEIGHT * (took - self._seconds_a_text)
