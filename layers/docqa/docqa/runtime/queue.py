"""The decorator of every queue consumer: one record at a time, partial batch answers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docqa.runtime.deadline import deadline_of
from docqa.runtime.logging import log_failure, logger


@dataclass(frozen=True, slots=True)
class QueueRecord:
    """One message of a queue.

    Attributes:
        source_arn: ARN of the queue, as the Lambda service states it.
        attributes: String values of the message attributes.
        receive_count: How often it was received, this time included.
        deadline: Seconds since the epoch by which the handler must be done with it.
    """

    message_id: str
    source_arn: str
    body: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    receive_count: int = 1
    deadline: float = 0.0


BatchHandler = Callable[[dict[str, Any], Any], dict[str, Any]]


def each_record(function: Callable[[QueueRecord], None]) -> BatchHandler:
    """Make a Lambda handler that calls `function` for each record and reports those that failed, and only those.

    Any error fails its own record: it returns to the queue and, after the queue's receives, to the dead-letter queue.
    """

    @functools.wraps(function)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        failures = []
        for raw in event["Records"]:
            record = _parse(raw, context)
            logger.clear_state()
            logger.append_keys(
                request_id=getattr(context, "aws_request_id", ""),
                message_id=record.message_id,
                receive_count=record.receive_count,
            )
            try:
                function(record)
            except Exception as error:  # noqa: BLE001 - whatever it was, only this record returns to the queue
                log_failure(error)
                failures.append({"itemIdentifier": record.message_id})
        return {"batchItemFailures": failures}

    return handler


def _parse(raw: Mapping[str, Any], context: Any) -> QueueRecord:
    attributes = {
        name: value["stringValue"]
        for name, value in raw.get("messageAttributes", {}).items()
        if value.get("stringValue") is not None
    }
    return QueueRecord(
        message_id=raw["messageId"],
        source_arn=raw["eventSourceARN"],
        body=raw["body"],
        attributes=attributes,
        receive_count=int(raw.get("attributes", {}).get("ApproximateReceiveCount", 1)),
        deadline=deadline_of(context),
    )
