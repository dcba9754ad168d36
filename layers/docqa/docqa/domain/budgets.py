"""A tenant's budget of a day: when it is used up, and what that means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_DAY_SECONDS = 86_400
# After the budget is used up questions are still answered with quotes, which costs embedding them: a hundred thousand
# of them less than five cents (Titan, twenty tokens each). So much of the budget is kept for that, and no more.
QUOTING_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a tenant stands today.

    Attributes:
        limit: USD a day; None: no limit.
        spent: USD today, everything included.
        quoting: USD today for embedding questions since the budget was used up.
    """

    limit: float | None = None
    spent: float = 0.0
    quoting: float = 0.0

    @property
    def used_up(self) -> bool:
        """Whether documents have to wait, and questions get quotes only."""
        return self.limit is not None and self.spent >= self.limit

    @property
    def closed(self) -> bool:
        """Whether nothing that costs anything is begun: what was kept for quoting is used up, too."""
        return self.limit is not None and self.used_up and self.quoting >= QUOTING_SHARE * self.limit

    @property
    def left(self) -> float | None:
        """USD that are left today; None: no limit."""
        return None if self.limit is None else max(self.limit - self.spent, 0.0)

    @property
    def sentence(self) -> str | None:
        """Why work has to wait; None: it does not."""
        return f"the daily budget of {self.limit:.2f} USD is used up until 00:00 UTC" if self.used_up else None


def day_of(now: float) -> str:
    """The day in UTC, as `2026-11-28`.

    Args:
        now: Seconds since the epoch.
    """
    return datetime.fromtimestamp(math.floor(now), UTC).date().isoformat()  # a fraction would be rounded up


def days_before(day: str, days: int) -> str:
    """The day so many days earlier."""
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def seconds_of_day_left(now: float) -> int:
    """Whole seconds until the next 00:00 UTC, at least 1."""
    return max(math.ceil(_DAY_SECONDS - now % _DAY_SECONDS), 1)
