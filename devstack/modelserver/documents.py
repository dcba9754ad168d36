"""The documents to be read and the topics to be told, in the emulator."""

from __future__ import annotations

from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError


class DocumentNotReadableError(Exception):
    """There is no such object, or it may not be read."""


class DocumentStore(Protocol):
    """Where Textract finds its input."""

    def read(self, bucket: str, key: str, version: str | None) -> bytes:
        """The whole object.

        Raises:
            DocumentNotReadableError: there is none, or it may not be read.
        """


class Announcer(Protocol):
    """Where Textract says that a job is done."""

    def publish(self, topic_arn: str, message: str) -> None:
        """Send `message` to the topic.

        Raises:
            NotAnnouncedError: the topic did not take it.
        """


class NotAnnouncedError(Exception):
    """The topic did not take the message."""


class EmulatorDocuments:
    """The emulator's S3, read as the account's root."""

    def __init__(self, emulator_url: str) -> None:
        self._s3 = _client("s3", emulator_url)

    def read(self, bucket: str, key: str, version: str | None) -> bytes:
        """The whole object."""
        which = {"VersionId": version} if version else {}
        try:
            content: bytes = self._s3.get_object(Bucket=bucket, Key=key, **which)["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise DocumentNotReadableError(f"{bucket}/{key}: {error}") from error
        return content


class EmulatorTopics:
    """The emulator's SNS, spoken to as the account's root."""

    def __init__(self, emulator_url: str) -> None:
        self._sns = _client("sns", emulator_url)

    def publish(self, topic_arn: str, message: str) -> None:
        """Send `message` to the topic."""
        try:
            self._sns.publish(TopicArn=topic_arn, Message=message)
        except (ClientError, BotoCoreError) as error:
            raise NotAnnouncedError(f"{topic_arn}: {error}") from error


def _client(service: str, emulator_url: str) -> Any:
    # The emulator takes these two words for the root of its account.
    return boto3.client(
        service,  # type: ignore[call-overload]  # one function for two services
        endpoint_url=emulator_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "max_attempts": 5}),
    )
