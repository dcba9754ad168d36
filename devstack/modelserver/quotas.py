"""A rate limit as a token bucket."""

from __future__ import annotations

import threading
from collections.abc import Callable


class RateLimit:
    """Admits `per_second` requests a second on average, and as many at once.

    Args:
        per_second: None admits everything.
        clock: seconds that only go forward.
    """

    def __init__(self, per_second: float | None, clock: Callable[[], float]) -> None:
        self._rate = per_second
        self._clock = clock
        self._capacity = max(1.0, per_second or 1.0)
        self._tokens = self._capacity
        self._filled_at = clock()
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Whether one more request may pass now; if so it is counted."""
        if self._rate is None:
            return True
        with self._lock:
            now = self._clock()
            self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self._rate)
            self._filled_at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
