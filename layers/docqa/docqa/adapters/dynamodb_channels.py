"""Implements `ports.ChannelRegistry`: the stack's own queue by settings, others by items of the channels table.

| channel | attributes |
|---|---|
| `queue#<queue ARN>` | tenant, groups (string set, may be absent), subject |
| `destination#<tenant>#<name>` | kind (`queue`), address (URL of the queue) |

Only an administrator writes this table; what a message says about itself never reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docqa.adapters.dynamodb_faults import dynamodb_faults
from docqa.models.access import Principal
from docqa.ports.questions import Destination

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


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
        item = self._item(f"queue#{queue_arn}")
        if item is None or not item.get("tenant", {}).get("S"):
            return None
        return Principal(
            tenant=item["tenant"]["S"],
            subject=item.get("subject", {}).get("S") or queue_arn,
            groups=frozenset(item.get("groups", {}).get("SS", ())),
        )

    def destination(self, tenant: str, name: str) -> Destination | None:
        """A destination registered for the tenant; a registered one takes precedence over the stack's own."""
        item = self._item(f"destination#{tenant}#{name}")
        if item is None:
            return self._own_destinations.get((tenant, name))
        return Destination(kind=item["kind"]["S"], address=item["address"]["S"])

    def _item(self, channel: str) -> dict[str, Any] | None:
        with dynamodb_faults():
            answer = self._client.get_item(TableName=self._table, Key={"channel": {"S": channel}}, ConsistentRead=True)
        item: dict[str, Any] | None = answer.get("Item")
        return item
