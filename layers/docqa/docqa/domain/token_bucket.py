"""A share of a model's tokens a minute, as a token bucket that lends: who needs more than there is waits for it.

Bedrock throttles by tokens a minute, input and `maxTokens` together, which it takes up front and corrects at the end.
So does this: a call reserves what it may need, and settles by what it needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

_MINUTE = 60.0
# What may go at once. A process begins with a full bucket: were it a minute's share, processes that begin together
# would spend two minutes' in their first.
_BURST_SECONDS = 10.0
# English texts, as tokenizers of the field cut them; what was counted corrects it.
_CHARACTERS_A_TOKEN = 4


def estimated_tokens(texts: Iterable[str]) -> int:
    """About how many tokens the texts have."""
    return sum(math.ceil(len(text) / _CHARACTERS_A_TOKEN) for text in texts)


class TokenBucket:
    """Not safe between threads: its user has a lock.

    Args:
        per_minute: Tokens a minute.
        now: The time, in seconds.
    """

    def __init__(self, per_minute: float, now: float) -> None:
        self._rate = per_minute / _MINUTE
        self._capacity = self._rate * _BURST_SECONDS
        self._balance = self._capacity
        self._filled_at = now

    def reserve(self, tokens: float, now: float, longest: float) -> float | None:
        """Take tokens, which may have to be waited for. A call that needs more than fits in waits for a full bucket.

        Args:
            tokens: How many.
            now: The time, in seconds.
            longest: Seconds that the caller would wait.

        Returns:
            Seconds to wait before they may be used; None: that is longer, and none were taken.
        """
        self._fill(now)
        lacking = min(tokens, self._capacity) - self._balance
        wait = max(lacking / self._rate, 0.0)
        if wait > longest:
            return None
        self._balance -= tokens
        return wait

    def settle(self, reserved: float, used: float, now: float) -> None:
        """Give back what was reserved and not used, or take what was used on top."""
        self._fill(now)
        self._balance = min(self._balance + reserved - used, self._capacity)

    def _fill(self, now: float) -> None:
        # Threads may bring the time out of order.
        passed = max(now - self._filled_at, 0.0)
        self._balance = min(self._balance + passed * self._rate, self._capacity)
        self._filled_at = max(self._filled_at, now)
