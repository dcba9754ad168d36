"""moto's account, in a fraction of its time.

Three of moto's habits cost more than what it does besides:

- For each member that a reply may have, of each value of each item, it tries eight ways of naming it. The names depend
  on the shape and on the object's class alone, and a dict without any of them has no such member.
- For each item of a transaction it copies the whole table, should the transaction fail. Only the items that the
  transaction names can change.
- For each request it makes the addresses of the service anew; for S3 it loads the module with them again.

moto is pinned, because this file leans on its insides.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from unittest.mock import patch

from moto.core.base_backend import BaseBackend
from moto.core.serialize import (
    AttributePickerContext,
    ResponseSerializer,
    XFormedAttributePicker,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table


@contextmanager
def quick_moto() -> Iterator[None]:
    """For as long as this lasts."""
    with (
        patch.object(XFormedAttributePicker, "get_possible_keys", _possible_keys),
        patch.object(ResponseSerializer, "_serialize_structure_member", _serialize_member),
        patch.object(DynamoDBBackend, "transact_write_items", _transact),
        patch.object(Table, "__deepcopy__", _table_with_the_same_items, create=True),
        patch.object(BaseBackend, "urls", property(_urls)),
    ):
        yield


# --- the names of members

_NAMES: dict[tuple[type, type, Any, str], tuple[str, ...]] = {}
_motos_possible_keys = XFormedAttributePicker.get_possible_keys
_motos_serialize_member = ResponseSerializer._serialize_structure_member


def _possible_keys(picker: XFormedAttributePicker, context: AttributePickerContext) -> tuple[str, ...]:
    what = (type(picker), type(context.obj), context.shape, context.key)
    if what not in _NAMES:
        _NAMES[what] = tuple(dict.fromkeys(_motos_possible_keys(picker, context)))
    return _NAMES[what]


def _serialize_member(serializer: ResponseSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    picker = serializer._value_picker
    names = _NAMES.get((type(picker), dict, shape, key)) if type(value) is dict else None
    if names is None or picker.response_transformers or not value.keys().isdisjoint(names):
        _motos_serialize_member(serializer, serialized, value, shape, key)


# --- transactions

_motos_transact = DynamoDBBackend.transact_write_items


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """The transaction; when it fails, moto puts the table back and this the items, which moto changes in place."""
    kept = [(op["TableName"], item) for op in _updates(transact_items) if (item := _copied(backend, op)) is not None]
    try:
        _motos_transact(backend, transact_items)
    except Exception:
        for name, item in kept:
            table = backend.tables[name]
            if table.has_range_key:
                table.items[item.hash_key][item.range_key] = item
            else:
                table.items[item.hash_key] = item
        raise


def _updates(transact_items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (one["Update"] for one in transact_items if "Update" in one)


def _copied(backend: DynamoDBBackend, op: dict[str, Any]) -> Any:
    return copy.deepcopy(backend.get_item(op["TableName"], op["Key"]))


def _table_with_the_same_items(table: Table, _memo: dict[int, Any]) -> Table:
    other: Any = Table.__new__(Table)
    other.__dict__.update(table.__dict__)
    rows = {key: dict(row) if table.has_range_key else row for key, row in table.items.items()}
    other.items = defaultdict(dict, rows)
    return cast("Table", other)


# --- addresses

_URLS: dict[tuple[type, str], dict[str, Any]] = {}
_motos_urls: Any = vars(BaseBackend)["urls"].fget


def _urls(backend: BaseBackend) -> dict[str, Any]:
    what = (type(backend), backend.region_name)
    if what not in _URLS:
        _URLS[what] = _motos_urls(backend)
    return _URLS[what]
