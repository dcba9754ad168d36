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
        "work_at": "N",
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
            _index("by_tenant", "tenant", "updated_at"),
            _index("by_work", "work_state", "work_at"),
        ],
    )


def _index(name: str, partition: str, order: str) -> GlobalSecondaryIndexTypeDef:
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": order, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
