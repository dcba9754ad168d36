"""What is told to others: events and the stack's own queues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from docqa.models.events import BusEvent


class BusEvents(Protocol):
    """Publishes what happened on the stack's event bus."""

    def publish(self, event: BusEvent) -> None:
        """Send one of `models.events`."""
        ...


class WorkQueue(Protocol):
    """A queue of the stack's own, carrying references."""

    def send(self, message: Mapping[str, Any], delay_seconds: int = 0) -> None:
        """Send one message."""
        ...

    def waiting(self) -> int:
        """About how many messages wait to be worked on."""
        ...
