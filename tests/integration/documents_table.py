"""The documents table, as the template declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import GlobalSecondaryIndexTypeDef

DOCUMENTS_TABLE = "documents"


def create_documents_table(client: DynamoDBClient) -> None:
    types: dict[str, Literal["S", "N"]] = {
        "document_id": "S",
        "item": "S",
        "tenant": "S",
        "updated_at": "N",
        "work_state": "S",
        "work_order": "S",
    }
    client.create_table(
        TableName=DOCUMENTS_TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        KeySchema=[
            {"AttributeName": "document_id", "KeyType": "HASH"},
            {"AttributeName": "item", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            _index("by_tenant", "tenant", "updated_at", "status"),
            _index("by_turn", "work_state", "work_order"),
        ],
    )


def _index(name: str, partition: str, order: str, *projected: str) -> GlobalSecondaryIndexTypeDef:
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": order, "KeyType": "RANGE"},
        ],
        "Projection": (
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(projected)}
            if projected
            else {"ProjectionType": "KEYS_ONLY"}
        ),
    }
