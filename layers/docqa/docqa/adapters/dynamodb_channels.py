"""Implements `ports.ChannelRegistry`: the stack's own queue by settings, others by items of the channels table.

`docqa channels` writes the items, with an administrator's credentials:

| channel | attributes |
|---|---|
| `queue#<queue ARN>` | tenant, subject; groups (string set) and threshold (number), which may be absent |
| `destination#<tenant>#<name>` | kind (`queue`), address (URL of the queue) |
| `inbox#<prefix>` | the same as of a queue, for files of questions below the prefix of the inbox bucket |

Only an administrator writes this table; what a message says about itself never reaches it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_faults import dynamodb_faults
from docqa.models.access import Principal
from docqa.ports.batches import InboxChannel
from docqa.ports.questions import Destination

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_QUEUE, _DESTINATION, _INBOX = "queue#", "destination#", "inbox#"
# So many folders deep a prefix is looked for.
DEEPEST_PREFIX = 8


class DynamoDBChannelRegistry:
    """What is registered, read with every question.

    Args:
        client: boto3's `dynamodb`.
        table: The channels table.
        own_queues: Principals of the stack's own queues, by ARN.
        own_destinations: Destinations that the stack brings along, by (tenant, name).
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        own_queues: Mapping[str, Principal],
        own_destinations: Mapping[tuple[str, str], Destination],
    ) -> None:
        self._client = client
        self._table = table
        self._own_queues = own_queues
        self._own_destinations = own_destinations

    def principal_of_queue(self, queue_arn: str) -> Principal | None:
        """For whom questions from this queue are asked; None: not registered, so closed."""
        if queue_arn in self._own_queues:
            return self._own_queues[queue_arn]
        item = self._item(_QUEUE + queue_arn)
        return _principal(item, queue_arn) if item is not None else None

    def destination(self, tenant: str, name: str) -> Destination | None:
        """A destination registered for the tenant; a registered one takes precedence over the stack's own."""
        item = self._item(f"{_DESTINATION}{tenant}#{name}")
        if item is None:
            return self._own_destinations.get((tenant, name))
        return _destination(item)

    def inbox_of(self, key: str) -> InboxChannel | None:
        """What is registered for the longest prefix of the key that ends with a slash."""
        for prefix in prefixes_of(key):
            item = self._item(_INBOX + prefix)
            if item is not None:
                return InboxChannel(prefix, _principal(item, _INBOX + prefix))
        return None

    def _item(self, channel: str) -> dict[str, Any] | None:
        with dynamodb_faults():
            answer = self._client.get_item(TableName=self._table, Key={"channel": {"S": channel}}, ConsistentRead=True)
        item: dict[str, Any] | None = answer.get("Item")
        return item


class ChannelsTable:
    """What an administrator registers, and takes away again."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add_queue(self, queue_arn: str, principal: Principal) -> None:
        """Let questions from this queue be asked for the principal; in place of what it was registered for before."""
        self._put(_QUEUE + queue_arn, _item_of(principal))

    def add_destination(self, tenant: str, name: str, destination: Destination) -> None:
        """Let answers to questions of this tenant go there; in place of what had the name before."""
        kind: dict[str, Any] = {"kind": {"S": destination.kind}, "address": {"S": destination.address}}
        self._put(f"{_DESTINATION}{tenant}#{name}", kind)

    def add_inbox(self, channel: InboxChannel) -> None:
        """Let files below the prefix ask for the principal; in place of what it was registered for before."""
        self._put(_INBOX + channel.prefix, _item_of(channel.principal))

    def remove_inbox(self, prefix: str) -> bool:
        """Close the prefix; False when it was not registered."""
        return self._delete(_INBOX + prefix)

    def inboxes(self) -> dict[str, Principal]:
        """Registered prefixes of the inbox bucket."""
        return {key.removeprefix(_INBOX): _principal(item, key) for key, item in self._items(_INBOX)}

    def remove_queue(self, queue_arn: str) -> bool:
        """Close the queue; False when it was not registered."""
        return self._delete(_QUEUE + queue_arn)

    def remove_destination(self, tenant: str, name: str) -> bool:
        """Forget the destination; False when it was not registered."""
        return self._delete(f"{_DESTINATION}{tenant}#{name}")

    def queues(self) -> dict[str, Principal]:
        """Registered queues by ARN."""
        return {key.removeprefix(_QUEUE): _principal(item, key) for key, item in self._items(_QUEUE)}

    def destinations(self) -> dict[tuple[str, str], Destination]:
        """Registered destinations by tenant and name."""
        found = {}
        for key, item in self._items(_DESTINATION):
            tenant, _, name = key.removeprefix(_DESTINATION).rpartition("#")
            found[tenant, name] = _destination(item)
        return found

    def _put(self, channel: str, item: dict[str, Any]) -> None:
        with dynamodb_faults():
            self._client.put_item(TableName=self._table, Item={"channel": {"S": channel}, **item})

    def _delete(self, channel: str) -> bool:
        with dynamodb_faults():
            answer = self._client.delete_item(
                TableName=self._table, Key={"channel": {"S": channel}}, ReturnValues="ALL_OLD"
            )
        return bool(answer.get("Attributes"))

    def _items(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        # A handful of items that an administrator wrote by hand.
        with dynamodb_faults():
            for page in self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True):
                for item in page["Items"]:
                    if item["channel"]["S"].startswith(prefix):
                        yield item["channel"]["S"], item


def prefixes_of(key: str) -> list[str]:
    """The folders that a key lies in, the innermost first, each with its slash."""
    parts = key.split("/")[:-1][:DEEPEST_PREFIX]
    return ["/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1)]


def _item_of(principal: Principal) -> dict[str, Any]:
    item: dict[str, Any] = {"tenant": {"S": principal.tenant}, "subject": {"S": principal.subject}}
    if principal.groups:
        item["groups"] = {"SS": sorted(principal.groups)}
    if principal.threshold is not None:
        item["threshold"] = {"N": repr(principal.threshold)}
    return item


def _principal(item: Mapping[str, Any], channel: str) -> Principal:
    return Principal(
        tenant=item["tenant"]["S"],
        subject=item.get("subject", {}).get("S") or channel,
        groups=frozenset(item.get("groups", {}).get("SS", ())),
        threshold=float(item["threshold"]["N"]) if "threshold" in item else None,
    )


def _destination(item: Mapping[str, Any]) -> Destination:
    return Destination(kind=item["kind"]["S"], address=item["address"]["S"])
