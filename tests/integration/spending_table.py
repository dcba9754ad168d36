"""The spending table as the template has it."""

from __future__ import annotations

from typing import Any

SPENDING_TABLE = "spending"


def create_spending_table(client: Any) -> None:
    client.create_table(
        TableName=SPENDING_TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "owner", "AttributeType": "S"},
            {"AttributeName": "entry", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": "entry", "KeyType": "RANGE"}],
    )
