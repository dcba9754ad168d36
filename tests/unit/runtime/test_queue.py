"""What every queue consumer shares."""

import io
from types import SimpleNamespace
from typing import Any

from docqa.runtime.queue import QueueRecord, each_record

CONTEXT = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 30_000)


def message(number: int, body: str = "{}") -> dict[str, Any]:
    return {
        "messageId": f"m-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "3"},
        "messageAttributes": {
            "correlation": {"stringValue": "c-1", "dataType": "String"},
            "blob": {"binaryValue": "AA==", "dataType": "Binary"},
        },
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue",
    }


def test_only_the_failed_records_return_to_the_queue() -> None:
    """Promise 38: one poison message among ten does not take the other nine with it."""
    seen: list[str] = []

    @each_record
    def handler(record: QueueRecord) -> None:
        if record.message_id == "m-4":
            raise ValueError(record.body)
        seen.append(record.message_id)

    answer = handler({"Records": [message(number) for number in range(10)]}, CONTEXT)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-4"}]}
    assert len(seen) == 9


def test_a_record_carries_its_queue_attributes_and_receive_count() -> None:
    records: list[QueueRecord] = []

    each_record(records.append)({"Records": [message(1, "text")]}, CONTEXT)

    (record,) = records
    assert record.source_arn.endswith(":queue")
    assert record.attributes == {"correlation": "c-1"}
    assert record.receive_count == 3
    assert record.body == "text"


def test_a_failing_record_is_logged_without_its_content(log_lines: io.StringIO) -> None:
    """Promise 49: neither the body nor the error's message enters the log."""

    @each_record
    def handler(record: QueueRecord) -> None:
        raise RuntimeError(f"cannot parse {record.body}")

    handler({"Records": [message(1, "PRIVATE QUESTION")]}, CONTEXT)

    printed = log_lines.getvalue()
    assert "m-1" in printed
    assert "PRIVATE" not in printed
