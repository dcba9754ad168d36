"""How often a version is tried again as a whole, and how long it waits before.

Within one try the state machine repeats each step, up to an hour where a service throttles. What lasts longer ends the
try; the next one goes on with what is there already.
"""

from __future__ import annotations

from docqa import errors
from docqa.domain.failure_words import EXECUTION_TIMED_OUT, EXTRACTION_TIMED_OUT, error_class
from docqa.models.document import Generation

# A version whose executions vanish, or that a service keeps failing on, is set aside after so many tries.
TRIES_MAX = 3
# A quota is nobody's fault but the load's: by then the state machine has waited for about five hours.
THROTTLED_TRIES_MAX = 5
# Of executions altogether, those that got further too. At six hours each that is five days, far beyond what a document
# of 3,000 pages takes at the slowest quotas (two calls a page, one call a second: less than two hours).
ATTEMPTS_MAX = 20

# Nobody knows whose fault it was.
_OVER_TIME = (EXECUTION_TIMED_OUT, EXTRACTION_TIMED_OUT)

# A try that ended within minutes is not repeated at once; one that took an hour need not wait another hour.
FIRST_DELAY_SECONDS = 60.0
DELAY_GROWTH = 4.0
DELAY_MAX_SECONDS = 3600.0


def tries_allowed(code: str) -> int:
    """How many tries a version has that ends with this error; 1: it fails at once.

    Args:
        code: Class name of the error, as `failure_words.failure_of` tells it.
    """
    if code in _OVER_TIME:
        return TRIES_MAX
    kind = error_class(code)
    if issubclass(kind, errors.ThrottledError):
        return THROTTLED_TRIES_MAX
    return TRIES_MAX if issubclass(kind, errors.RetryableError) else 1


def tries_after(generation: Generation | None) -> int:
    """How many tries in a row have come to nothing, the one that just ended included.

    A try that got further begins a new row, so that slow services fail no document while anything is done: pieces of
    work are finite, and so are attempts.
    """
    if generation is None:
        return 1
    if generation.attempt >= ATTEMPTS_MAX:
        return ATTEMPTS_MAX
    return 1 if generation.got_further else generation.tries + 1


def delay_before(tries: int) -> float:
    """Seconds to wait after so many tries: 1, 4, 16, then 60 minutes."""
    return min(FIRST_DELAY_SECONDS * DELAY_GROWTH ** (tries - 1), DELAY_MAX_SECONDS)
