"""The stack's event bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docqa.adapters.aws_errors import THROTTLES, aws_errors
from docqa.errors import ServiceUnavailableError, ThrottledError
from docqa.models.events import BusEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


class EventBridgeBus:
    """Implements `ports.BusEvents`."""

    def __init__(self, client: EventBridgeClient, bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, event: BusEvent) -> None:
        """Send the event under its class name."""
        with aws_errors("EventBridge"):
            answer = self._client.put_events(
                Entries=[
                    {
                        "EventBusName": self._bus,
                        "Source": event.source,
                        "DetailType": type(event).__name__,
                        "Detail": event.model_dump_json(),
                    }
                ]
            )
        # A refused entry comes with status 200.
        code = answer["Entries"][0].get("ErrorCode")
        if code in THROTTLES:
            raise ThrottledError(f"EventBridge throttles: {code}")
        if code:
            raise ServiceUnavailableError(f"EventBridge kept no event: {code}")
