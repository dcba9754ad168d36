"""Reading documents and their versions."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from docqa import ids
from docqa.adapters.dynamodb_documents.expressions import Item
from docqa.adapters.dynamodb_documents.items import (
    DOCUMENT,
    GENERATION_PREFIX,
    document_key,
    document_of,
    generation_key,
    generation_of,
)
from docqa.adapters.dynamodb_documents.table import DocumentsTable
from docqa.errors import InvalidRequestError
from docqa.models.document import Document, DocumentStatus, Generation

BY_TENANT = "by_tenant"
# Entries of the index that one filtered page looks at: some 150 KB, for the cost of forty documents.
FILTERED_PAGE = 1000

_FOREIGN_CURSOR = "the cursor is not one of ours: pass on what the last page gave"
# Far more than a time has, far fewer than DynamoDB's 38.
_DIGITS = 20


class TableItems:
    """What every part of the registry has: the table."""

    def __init__(self, table: DocumentsTable) -> None:
        self._table = table


class DocumentReads(TableItems):
    """The reading half of `ports.DocumentRegistry`."""

    def get(self, document_id: str) -> Document | None:
        """The document's item, or None if it was never received."""
        item = self._table.get(document_key(document_id))
        return None if item is None else document_of(item)

    def get_many(
        self, document_ids: Iterable[str], before_call: Callable[[], None] | None = None
    ) -> dict[str, Document]:
        """Items of those that exist, by id."""
        items = self._table.get_many([document_key(document_id) for document_id in document_ids], before_call)
        return {item["document_id"]: document_of(item) for item in items}

    def list_documents(
        self, tenant: str, limit: int, cursor: str | None = None, status: DocumentStatus | None = None
    ) -> tuple[list[Document], str | None]:
        """Newest change first; the index gives the order and knows the status, the table has the items."""
        start: dict[str, Any] = {}
        if cursor is not None:
            document_id, updated_at = _decode(cursor)
            if not ids.is_document_id(document_id):
                raise InvalidRequestError(_FOREIGN_CURSOR)
            start["ExclusiveStartKey"] = {
                **_start(document_id, DOCUMENT),
                "tenant": {"S": tenant},
                "updated_at": {"N": str(_number(updated_at))},
            }
        values: dict[str, object] = {"tenant": tenant}
        if status is not None:
            start |= {"FilterExpression": "#status = :status"}
            values |= {"status": status.value}
        keys, last = self._table.query(
            "#tenant = :tenant",
            values,
            IndexName=BY_TENANT,
            ScanIndexForward=False,
            Limit=limit if status is None else FILTERED_PAGE,
            **start,
        )
        if len(keys) > limit:
            keys, last = keys[:limit], keys[limit - 1]
        documents = self.get_many(key["document_id"] for key in keys)
        found = [documents[key["document_id"]] for key in keys if key["document_id"] in documents]
        kept = [document for document in found if status in (None, document.status)]
        return kept, None if last is None else _encode(last, "updated_at")

    def all_documents(self, limit: int, cursor: str | None = None) -> tuple[list[Document], str | None]:
        """Documents of every tenant among the next `limit` items of the table."""
        start = {} if cursor is None else {"ExclusiveStartKey": _start(*_decode(cursor))}
        items, last = self._table.scan("#item = :document", {"document": DOCUMENT}, Limit=limit, **start)
        return [document_of(item) for item in items], None if last is None else _encode(last, "item")

    def get_generation(self, document_id: str, generation: int) -> Generation | None:
        """One admitted version."""
        item = self._table.get(generation_key(document_id, generation))
        return None if item is None else generation_of(item)

    def get_generations(self, versions: Iterable[tuple[str, int]]) -> list[Generation]:
        """Those versions that are on record, in no order."""
        return [generation_of(item) for item in self._table.get_many([generation_key(*one) for one in versions])]

    def list_generations(self, document_id: str) -> list[Generation]:
        """Every version still on record, oldest first."""
        found: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            items, last = self._table.query(
                "#document_id = :id AND begins_with(#item, :prefix)",
                {"id": document_id, "prefix": GENERATION_PREFIX},
                ConsistentRead=True,
                **start,
            )
            found += items
            if last is None:
                return [generation_of(item) for item in found]
            start = {"ExclusiveStartKey": _start(last["document_id"], last["item"])}


def _start(document_id: str, item: str) -> Item:
    return {"document_id": {"S": document_id}, "item": {"S": item}}


def _encode(last: Item, order: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([last["document_id"], str(last[order])]).encode()).decode()


def _decode(cursor: str) -> tuple[str, str]:
    try:
        first, second = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidRequestError(_FOREIGN_CURSOR) from error
    if not (isinstance(first, str) and isinstance(second, str) and first and second):
        raise InvalidRequestError(_FOREIGN_CURSOR)
    return first, second


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise InvalidRequestError(_FOREIGN_CURSOR) from error
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS:
        raise InvalidRequestError(_FOREIGN_CURSOR)
    return number
