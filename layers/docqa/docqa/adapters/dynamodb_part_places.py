"""Places of parts of batches: one item of the table of questions (`parts#at-work`), written whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docqa.adapters.dynamodb_documents.expressions import names_of, plain, wire, wire_values
from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.models.part_places import HeldPlace, PartPlaces, WaitingTenant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# No answer's id has a `#` in it.
_ID = "parts#at-work"


class DynamoDbPartPlaces:
    """Implements `ports.PartPlaceStore`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self) -> tuple[PartPlaces, int]:
        """As they are, and which version that is."""
        with dynamodb_faults():
            found = self._client.get_item(TableName=self._table, Key={"answer_id": {"S": _ID}}, ConsistentRead=True)
        item = plain(found.get("Item", {}))
        held = {part: HeldPlace(one["tenant"], float(one["until"])) for part, one in item.get("held", {}).items()}
        waiting = {
            tenant: WaitingTenant(float(one["since"]), float(one["until"]))
            for tenant, one in item.get("waiting", {}).items()
        }
        return PartPlaces(held, waiting), int(item.get("version", 0))

    def write(self, places: PartPlaces, version: int) -> bool:
        """Write what follows that version; False: there is another one by now."""
        held = {part: {"tenant": one.tenant, "until": one.until} for part, one in places.held.items()}
        waiting = {tenant: {"since": one.since, "until": one.until} for tenant, one in places.waiting.items()}
        item = {"answer_id": _ID, "held": held, "waiting": waiting, "version": version + 1}
        when = "attribute_not_exists(#version) OR #version = :version"
        try:
            with dynamodb_faults():
                self._client.put_item(
                    TableName=self._table,
                    Item=wire(item),
                    ConditionExpression=when,
                    ExpressionAttributeNames=names_of(when),
                    ExpressionAttributeValues=wire_values({"version": version}),
                )
        except ConditionFailedError:
            return False
        return True
