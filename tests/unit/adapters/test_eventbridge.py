from __future__ import annotations

import json
from typing import Any

import pytest

from docqa.adapters.eventbridge import EventBridgeBus
from docqa.errors import ServiceUnavailableError, ThrottledError
from docqa.models.events import DocumentDeleted

EVENT = DocumentDeleted(tenant="acme", document_id="0" * 32)


class Client:
    """Answers every call alike and keeps the entries."""

    def __init__(self, **answer: str) -> None:
        self.answer = answer
        self.entries: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.entries += Entries
        return {"FailedEntryCount": len(self.answer), "Entries": [self.answer]}


def test_an_event_goes_out_under_its_class_name() -> None:
    client = Client()
    EventBridgeBus(client, "docqa").publish(EVENT)  # type: ignore[arg-type]
    (entry,) = client.entries
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == ("docqa", "docqa", "DocumentDeleted")
    assert json.loads(entry["Detail"]) == {"tenant": "acme", "document_id": "0" * 32}


@pytest.mark.parametrize(
    ("code", "meant"), [("ThrottlingException", ThrottledError), ("InternalFailure", ServiceUnavailableError)]
)
def test_an_entry_refused_inside_a_good_answer_is_an_error(code: str, meant: type[Exception]) -> None:
    with pytest.raises(meant):
        EventBridgeBus(Client(ErrorCode=code), "docqa").publish(EVENT)  # type: ignore[arg-type]
