"""What is written to the documents table: expressions in plain Python values, and how they go over the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

Item: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, str]

_NAME = re.compile(r"#(\w+)")
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


@dataclass(frozen=True, slots=True)
class Change:
    """A conditional update of one item.

    Attributes:
        key: `document_id` and `item`.
        update: Update expression; `#name` is the attribute `name`, `:name` one of `values`.
        values: Values of both expressions.
        when: Condition; empty: none.
        names: Attributes whose name is not a plain word, by their alias without `#`.
    """

    key: Key
    update: str
    values: Mapping[str, object] = field(default_factory=dict)
    when: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Put:
    """A conditional write of one whole item."""

    item: Item
    when: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delete:
    """A conditional removal of one whole item."""

    key: Key
    when: str


def wire(item: Mapping[str, object]) -> Item:
    """An item with DynamoDB's type marks; None and empty sets are left out."""
    kept = {name: value for name, value in item.items() if value is not None and value != frozenset()}
    return {name: _serializer.serialize(_exact(value)) for name, value in kept.items()}


def _exact(value: object) -> object:
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {name: _exact(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(each) for each in value]
    if isinstance(value, frozenset):
        return set(value)
    return value


def plain(item: Mapping[str, Any]) -> Item:
    """An item without type marks; numbers are Decimals."""
    return {name: _deserializer.deserialize(value) for name, value in item.items()}


def wire_key(key: Key) -> dict[str, Any]:
    """A primary key with type marks."""
    return {"document_id": {"S": key[0]}, "item": {"S": key[1]}}


def names_of(*expressions: str) -> dict[str, str]:
    """The aliases that the expressions use, and their attributes."""
    return {f"#{name}": name for expression in expressions for name in _NAME.findall(expression)}


def wire_values(values: Mapping[str, object]) -> Item:
    """The values that an expression uses, with type marks."""
    return {f":{name}": _serializer.serialize(_exact(value)) for name, value in values.items()}


def delete_call(delete: Delete) -> dict[str, Any]:
    """A removal's part of a call, alone or in a transaction."""
    return {
        "Key": wire_key(delete.key),
        "ConditionExpression": delete.when,
        "ExpressionAttributeNames": names_of(delete.when),
    }


def put_condition(when: str, values: Mapping[str, object]) -> dict[str, Any]:
    """The condition's part of a put."""
    extra = {"ExpressionAttributeValues": wire_values(values)} if values else {}
    return {"ConditionExpression": when, "ExpressionAttributeNames": names_of(when), **extra}


def update_call(change: Change) -> dict[str, Any]:
    """An update's part of a call, alone or in a transaction."""
    names = names_of(change.update, change.when) | {f"#{alias}": name for alias, name in change.names.items()}
    call: dict[str, Any] = {
        "Key": wire_key(change.key),
        "UpdateExpression": change.update,
        "ExpressionAttributeNames": names,
    }
    if change.values:
        call["ExpressionAttributeValues"] = wire_values(change.values)
    if change.when:
        call["ConditionExpression"] = change.when
    return call
