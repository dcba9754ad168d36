"""The objects to be read and written, the topics and the event bus to be told, in the emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# By this mark devstack/emulator.py knows events that AWS's own services put on the bus: nobody else may.
SERVICE_MARK = "docqa-model-server"


class DocumentNotReadableError(Exception):
    """There is no such object, or it may not be read."""


class StorageUnavailableError(DocumentNotReadableError):
    """The emulator does not answer, or does not take an object: try again."""


class NoBucketError(DocumentNotReadableError):
    """There is no such bucket."""


class DocumentStore(Protocol):
    """Where Textract finds its input."""

    def read(self, bucket: str, key: str, version: str | None) -> bytes:
        """The whole object.

        Raises:
            DocumentNotReadableError: there is none, or it may not be read.
        """


@dataclass(frozen=True)
class StoredObject:
    """An object in a bucket; its size in bytes."""

    key: str
    size: int


class ObjectStore(DocumentStore, Protocol):
    """Where jobs find their input and put their output."""

    def write(self, bucket: str, key: str, content: bytes, content_type: str) -> None:
        """Put an object, in place of what was there.

        Raises:
            NoBucketError: there is none of this name.
            StorageUnavailableError: try again.
        """

    def list_objects(self, bucket: str, prefix: str) -> list[StoredObject]:
        """Objects whose keys begin so, by key; none if there is no such bucket.

        Raises:
            StorageUnavailableError: try again.
        """


class EventBus(Protocol):
    """The account's default event bus."""

    def put(self, source: str, detail_type: str, resource: str, detail: dict[str, Any]) -> None:
        """Put an event of an AWS service.

        Raises:
            NotAnnouncedError: the bus did not take it.
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
        except BotoCoreError as error:
            raise StorageUnavailableError(f"{bucket}/{key}: {error}") from error
        except ClientError as error:
            raise DocumentNotReadableError(f"{bucket}/{key}: {error}") from error
        return content

    def write(self, bucket: str, key: str, content: bytes, content_type: str) -> None:
        """Put an object."""
        with _as_storage_error(f"{bucket}/{key}"):
            self._s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)

    def list_objects(self, bucket: str, prefix: str) -> list[StoredObject]:
        """Objects whose keys begin so."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        try:
            with _as_storage_error(f"{bucket}/{prefix}"):
                return [StoredObject(one["Key"], one["Size"]) for page in pages for one in page.get("Contents", ())]
        except NoBucketError:
            return []


class EmulatorBus:
    """The emulator's EventBridge, spoken to as the account's root."""

    def __init__(self, emulator_url: str) -> None:
        self._events = _client("events", emulator_url)

    def put(self, source: str, detail_type: str, resource: str, detail: dict[str, Any]) -> None:
        """Put an event."""
        entry = {"Source": source, "DetailType": detail_type, "Resources": [resource], "Detail": json.dumps(detail)}
        try:
            answer = self._events.put_events(Entries=[entry | {"TraceHeader": SERVICE_MARK}])
        except (ClientError, BotoCoreError) as error:
            raise NotAnnouncedError(f"{detail_type}: {error}") from error
        if answer["FailedEntryCount"]:
            raise NotAnnouncedError(f"{detail_type}: {answer['Entries'][0]}")


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


@contextmanager
def _as_storage_error(what: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        kind = NoBucketError if error.response["Error"]["Code"] == "NoSuchBucket" else StorageUnavailableError
        raise kind(f"{what}: {error}") from error
    except BotoCoreError as error:
        raise StorageUnavailableError(f"{what}: {error}") from error


def _client(service: str, emulator_url: str) -> Any:
    # The emulator takes these two words for the root of its account.
    return boto3.client(
        service,  # type: ignore[call-overload]  # one function for all services
        endpoint_url=emulator_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "max_attempts": 5}),
    )
