"""When a handler must be done."""

from __future__ import annotations

import time
from typing import Any

# What is left for serialising the result and writing the last log lines.
RESERVE_SECONDS = 1.0


def deadline_of(context: Any, at_most_seconds: float | None = None) -> float:
    """Seconds since the epoch by which the handler must return.

    Args:
        context: The Lambda context.
        at_most_seconds: A tighter limit of the caller's, such as API Gateway's 29 s, counted from now.
    """
    remaining: float = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    if at_most_seconds is not None:
        remaining = min(remaining, at_most_seconds)
    return time.time() + max(remaining, 0.0)
