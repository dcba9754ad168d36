"""How a service behaves, changed while the server runs: injected faults and limits; and what happened since."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]


class Behaviour(BaseModel):
    """Body of PUT /_control/<service>. Shares are of 0 to 1; None: no limit.

    Attributes:
        seed: The same faults again with the same seed, as far as requests come in the same order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0


class NoticeBehaviour(Behaviour):
    """What happens to messages that tell of results.

    Attributes:
        duplicate_notifications, lost_notifications: This share is sent twice, never.
        late_notifications: This share is sent `late_seconds` later, so after those of what ended later.
    """

    duplicate_notifications: Share = 0.0
    lost_notifications: Share = 0.0
    late_notifications: Share = 0.0
    late_seconds: Seconds = 3.0


Kind = TypeVar("Kind", bound=Behaviour)


class Control(Generic[Kind]):
    """The behaviour now, and counts since it was set.

    Args:
        behaviour: What holds until somebody sets another.
        counted: Names of what is counted from zero.
    """

    def __init__(self, behaviour: Kind, counted: tuple[str, ...]) -> None:
        self._counted = counted
        self._lock = threading.Lock()
        self.set(behaviour)

    def set(self, behaviour: Kind) -> None:
        """Behave so from now on, and count from zero."""
        with self._lock:
            self.behaviour = behaviour
            self._random = random.Random(behaviour.seed)  # noqa: S311  # faults that can be had again, no secrets
            self._counts = Counter(dict.fromkeys(self._counted, 0))

    def counts(self) -> dict[str, int]:
        """What happened since `set`."""
        with self._lock:
            return dict(self._counts)

    def count(self, name: str, number: int = 1) -> None:
        """So many more of it."""
        with self._lock:
            self._counts[name] += number

    def happens(self, share: float, counted_as: str) -> bool:
        """Whether it happens this time; if so it is counted."""
        with self._lock:
            drawn = self._random.random() < share
            self._counts[counted_as] += drawn
            return drawn

    def report(self) -> dict[str, Any]:
        """Answer of GET /_control/<service>: the counts, and the settings under `settings`."""
        return {**self.counts(), "settings": self.behaviour.model_dump(mode="json")}
