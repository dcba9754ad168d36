"""Implements `ports.AnswerSender` for queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docqa.adapters.aws_errors import aws_errors
from docqa.errors import ConfigurationError
from docqa.models.answer import Answer
from docqa.ports.questions import Destination

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class AnswerQueueSender:
    """Sends the answer as JSON, with `answer_id` and the asker's own id (`correlation_id`) as message attributes."""

    def __init__(self, client: SQSClient) -> None:
        self._client = client

    def send(self, destination: Destination, answer: Answer) -> None:
        """Deliver at least once.

        Raises:
            ConfigurationError: the destination is of a kind that cannot be delivered to.
        """
        if destination.kind != "queue":
            raise ConfigurationError(f"destinations of kind {destination.kind} are not delivered to: register a queue")
        attributes: dict[str, Any] = {"answer_id": {"DataType": "String", "StringValue": answer.answer_id}}
        if answer.id:
            attributes["correlation_id"] = {"DataType": "String", "StringValue": answer.id}
        with aws_errors("SQS"):
            self._client.send_message(
                QueueUrl=destination.address, MessageBody=answer.model_dump_json(), MessageAttributes=attributes
            )
