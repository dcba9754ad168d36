"""The questions table as the template has it."""

from __future__ import annotations

from typing import Any


def create_questions_table(client: Any, name: str) -> None:
    """Key, and the sparse indexes of what was judged and of what has not come to an end."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "answer_id", "AttributeType": "S"},
            {"AttributeName": "feedback_tenant", "AttributeType": "S"},
            {"AttributeName": "feedback_at", "AttributeType": "N"},
            {"AttributeName": "settling", "AttributeType": "S"},
            {"AttributeName": "settle_at", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "answer_id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_feedback",
                "KeySchema": [
                    {"AttributeName": "feedback_tenant", "KeyType": "HASH"},
                    {"AttributeName": "feedback_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["feedback"]},
            },
            {
                "IndexName": "by_settling",
                "KeySchema": [
                    {"AttributeName": "settling", "KeyType": "HASH"},
                    {"AttributeName": "settle_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
    )
