"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """Implements `ports.Clock` with the machine's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()
