"""How long questions wait for a model that is down or throttled, before they come back from their queue."""

from __future__ import annotations

from docqa.ids import content_id

# At first about as long as a model that is down is left alone.
_FIRST_SECONDS = 30.0
# What SQS can delay a message by.
_LONGEST_SECONDS = 900
# An answer that comes later than this is better asked for again; by then somebody has to look at the model.
MOST_SECONDS = 6 * 3600.0
_DIGITS = 8


def may_wait(waited: float) -> bool:
    """Whether a question that has waited so many seconds may go on waiting."""
    return waited < MOST_SECONDS


def seconds_to_wait(waited: float, answer_id: str) -> int:
    """As long again as it has waited, and up to half of that on top, by its id: so that not all come back at once.

    Args:
        waited: Seconds so far.
        answer_id: Of the question.
    """
    base = max(waited, _FIRST_SECONDS)
    share = int(content_id("wait", answer_id, length=_DIGITS), 16) / float(16**_DIGITS)
    return min(round(base * (1 + share / 2)), _LONGEST_SECONDS)
