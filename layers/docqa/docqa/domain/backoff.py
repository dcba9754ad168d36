"""When a refused call is made again: full jitter, so that callers refused together do not come back together.

"Exponential Backoff And Jitter", AWS Architecture Blog, 2015: of the ways compared there, the one with the least work.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that are drawn between 0 and a bound, which doubles.

    Attributes:
        attempts: The first one included.
        first: Seconds that the first pause can last.
        longest: Seconds that no pause exceeds.
    """

    attempts: int
    first: float = 0.5
    longest: float = 20.0

    def pause(self, attempt: int, chance: float) -> float:
        """Seconds to wait after an attempt, counted from 1.

        Args:
            attempt: That was refused.
            chance: Drawn evenly between 0 and 1.
        """
        return chance * self._bound(attempt)

    @property
    def total(self) -> float:
        """Seconds that all pauses of one call can last."""
        return sum(self._bound(attempt) for attempt in range(1, self.attempts))

    def _bound(self, attempt: int) -> float:
        return float(min(self.first * 2 ** (attempt - 1), self.longest))


ONCE = Backoff(attempts=1)
