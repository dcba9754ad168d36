"""How often a version is tried again as a whole, and how long it waits before."""

from __future__ import annotations

from docqa import errors
from docqa.domain.failure_words import error_class

# A version whose executions vanish, or that a service keeps failing on, is set aside after so many tries.
TRIES_MAX = 3
# A quota is nobody's fault but the load's: by then the state machine has waited for about five hours.
THROTTLED_TRIES_MAX = 5

# A try that ended within minutes is not repeated at once; one that took an hour need not wait another hour.
FIRST_DELAY_SECONDS = 60.0
DELAY_GROWTH = 4.0
DELAY_MAX_SECONDS = 3600.0


def tries_allowed(code: str) -> int:
    """How many tries a version has that ends with this error; 1: it fails at once.

    Args:
        code: Class name of the error, as `failure_words.failure_of` tells it.
    """
    kind = error_class(code)
    if issubclass(kind, errors.ThrottledError):
        return THROTTLED_TRIES_MAX
    return TRIES_MAX if issubclass(kind, errors.RetryableError) else 1


def delay_before(tries: int) -> float:
    """Seconds to wait after so many tries: 1, 4, 16, then 60 minutes."""
    return min(FIRST_DELAY_SECONDS * DELAY_GROWTH ** (tries - 1), DELAY_MAX_SECONDS)
