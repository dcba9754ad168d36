"""A queue of the stack's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docqa.adapters.aws_errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SQSWorkQueue:
    """Implements `ports.WorkQueue`."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, message: Mapping[str, Any], delay_seconds: int = 0) -> None:
        """Send one message as JSON."""
        with aws_errors("SQS"):
            self._client.send_message(
                QueueUrl=self._url, MessageBody=json.dumps(dict(message)), DelaySeconds=delay_seconds
            )

    def waiting(self) -> int:
        """About how many messages wait to be worked on."""
        with aws_errors("SQS"):
            found = self._client.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])
