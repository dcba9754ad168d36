"""Leave a service alone that is down, and try it again by and by."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from docqa.errors import CircuitOpenError, RetryableError, ThrottledError
from docqa.ports.clock import Clock

# A question asks a model twice at most, so the first one that meets an outage is the last one to wait for it.
FAILURES = 2
# Less than a person waits before asking again; a model that is back is missed for no longer.
PAUSE_SECONDS = 30.0

ResultT = TypeVar("ResultT")


class CircuitBreaker:
    """Opens after some failures in a row; then, once in a while, one call finds out whether to close again.

    A throttle is no failure: whoever refuses for being asked too often is there. Its state is the process's own:
    docs/decisions/0028 says why.

    Args:
        name: Of the service, for messages.
        clock: The time.
        failures: In a row, after which it opens.
    """

    def __init__(self, name: str, clock: Clock, failures: int = FAILURES) -> None:
        self._name = name
        self._clock = clock
        self._limit = failures
        self._lock = threading.Lock()
        self._failures = 0
        self._tried_at = 0.0

    def call(self, service: Callable[[], ResultT]) -> ResultT:
        """What the service returns. Only what passes by itself counts as a failure.

        Raises:
            CircuitOpenError: the service failed lately and was not asked, or it just failed once too often.
        """
        self._admit()
        try:
            result = service()
        except ThrottledError:
            self._note_success()
            raise
        except RetryableError as error:
            if self._note_failure():
                raise CircuitOpenError(f"{self._name} fails and is left alone for a while") from error
            raise
        self._note_success()
        return result

    def _admit(self) -> None:
        with self._lock:
            if self._failures < self._limit:
                return
            now = self._clock.now()
            if now - self._tried_at < PAUSE_SECONDS:
                raise CircuitOpenError(f"{self._name} failed lately and is left alone for a while")
            # This call is the trial. Whoever comes while it lasts is turned away; should it be killed, the next pause
            # ends in another one.
            self._tried_at = now

    def _note_failure(self) -> bool:
        """Whether it is open now."""
        with self._lock:
            self._failures += 1
            self._tried_at = self._clock.now()
            return self._failures >= self._limit

    def _note_success(self) -> None:
        with self._lock:
            self._failures = 0
