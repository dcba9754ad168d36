"""One thread that does the work of all jobs, a little of each in turn."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator

from devstack.modelserver.documents import StorageUnavailableError
from devstack.modelserver.models.background import give_way

logger = logging.getLogger(__name__)
# How long one job works before the next one has its turn.
TURN_SECONDS = 0.25
# Until the emulator is asked again after it did not answer.
RETRY_SECONDS = 1.0
# How long a stop waits for the piece at hand.
STOP_SECONDS = 2.0

Piece = Callable[[], object]
# Work that yields the seconds after which it wants to go on; 0: at once.
Steps = Iterator[float]


class JobLine:
    """Pieces of work, each done when it is due, the earliest first. Questions have the machine before them.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Piece, Piece | None]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the piece at hand and do no other."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def submit(self, piece: Piece, wait: float = 0.0, broken: Piece | None = None) -> None:
        """Have it done after `wait` seconds.

        Args:
            piece: Repeated while the emulator does not answer.
            wait: Seconds.
            broken: Done when the piece ended with any other error.
        """
        with self._changed:
            heapq.heappush(self._due, (self._clock() + max(0.0, wait), next(self._order), piece, broken))
            self._changed.notify_all()

    def work_through(self, make: Callable[[], Steps], broken: Piece | None = None) -> None:
        """Have all steps done, some at a time, with the waits that they ask for.

        Args:
            make: The steps from the beginning; called again after the emulator did not answer, so what was done
                before must be found done.
            broken: Done when they ended with any other error.
        """
        self.submit(lambda: self._turn(make, make(), broken), broken=broken)

    def _turn(self, make: Callable[[], Steps], steps: Steps, broken: Piece | None) -> None:
        until = self._clock() + TURN_SECONDS
        try:
            for wait in steps:
                if wait > 0 or self._clock() >= until:
                    self.submit(lambda: self._turn(make, steps, broken), wait, broken)
                    return
        except StorageUnavailableError:
            logger.warning("a job waits for the emulator", exc_info=True)
            self.submit(lambda: self._turn(make, make(), broken), RETRY_SECONDS, broken)

    def _run(self) -> None:
        give_way()
        while (due := self._next()) is not None:
            piece, broken = due
            try:
                piece()
            except StorageUnavailableError:
                logger.warning("a job waits for the emulator", exc_info=True)
                self.submit(piece, RETRY_SECONDS, broken)
            except Exception:
                logger.exception("a job broke off")
                if broken is not None:
                    self.submit(broken)

    def _next(self) -> tuple[Piece, Piece | None] | None:
        """What is due, once something is; None: stop."""
        with self._changed:
            while not self._stopped:
                wait = self._due[0][0] - self._clock() if self._due else None
                if wait is not None and wait <= 0:
                    _, _, piece, broken = heapq.heappop(self._due)
                    return piece, broken
                self._changed.wait(wait)
        return None
