"""Where answers go that nobody waits for on the line."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.errors import InvalidRequestError
from docqa.models.answer import Answer
from docqa.models.events import AnswerReady
from docqa.ports.messages import BusEvents
from docqa.ports.questions import AnswerSender, ChannelRegistry, Destination


def registered_destination(channels: ChannelRegistry, tenant: str, name: str) -> Destination:
    """The destination that a question names.

    Raises:
        InvalidRequestError: the tenant has none of that name.
    """
    destination = channels.destination(tenant, name)
    if destination is None:
        raise InvalidRequestError(f"reply_to: no destination named {name} is registered for this tenant.")
    return destination


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends answers to registered destinations and tells the bus. Both may happen twice, with the same answer id."""

    channels: ChannelRegistry
    sender: AnswerSender
    events: BusEvents

    def destination(self, tenant: str, name: str) -> Destination:
        """A destination registered for the tenant.

        Raises:
            InvalidRequestError: the tenant has none of that name.
        """
        return registered_destination(self.channels, tenant, name)

    def deliver(self, answer: Answer, tenant: str, destination: Destination | None) -> None:
        """Send the answer off, if it has a destination, and say that it is there."""
        if destination is not None:
            self.sender.send(destination, answer)
        self.events.publish(
            AnswerReady(tenant=tenant, answer_id=answer.answer_id, status=answer.status.value, id=answer.id)
        )
